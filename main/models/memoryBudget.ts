import { refused } from './refused';

const MEBIBYTE = 2 ** 20;

/**
 * What reading one file may take: twice the file and 256 MB in all, half of the latter left to the program
 * itself. Asked before memory is taken, so that a small file with a large claim is refused at once.
 */
export class MemoryBudget {
  private readonly limitBytes: number;
  private takenBytes = 0;

  /** @param fileBytes size on disk, before any decompression */
  constructor(
    private readonly file: string,
    fileBytes: number,
  ) {
    this.limitBytes = 2 * fileBytes + 128 * MEBIBYTE;
  }

  /**
   * Counts memory that is about to be taken.
   * @throws WorkbenchError `refused-file` where it is more than is left
   */
  take(bytes: number, place: string): void {
    if (!(this.takenBytes + bytes <= this.limitBytes)) {
      const limit = Math.floor(this.limitBytes / MEBIBYTE);
      throw refused(
        this.file,
        place,
        `it needs more than ${limit} MiB of memory, the limit for its size`,
        'If the file is right and compressed, unpack it with gunzip first.',
      );
    }
    this.takenBytes += bytes;
  }

  /** Gives back what {@link take} counted. */
  release(bytes: number): void {
    this.takenBytes -= bytes;
  }
}
