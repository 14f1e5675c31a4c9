/** Reading an FPGA image at any place, without trusting what it says of itself. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { formatBytes } from '../../core/report/format';
import { withStorage } from '../storage/storageErrors';

/** The largest images have some hundred megabytes; a driver is given all of them at once. */
export const MOST_IMAGE_BYTES = 2 ** 30;
/** What is read of an image are names, versions and reports. */
const MOST_PART_BYTES = 2 ** 20;
const CHUNK_BYTES = 2 ** 20;

export interface ImageBytes {
  /** Path as the person gave it. */
  readonly file: string;
  readonly size: number;
  /**
   * @param place what is read, for the refusal
   * @throws WorkbenchError `refused-file` where it is more than a megabyte or not all in the file
   */
  read(offset: number, length: number, place: string): Promise<Buffer>;
}

/**
 * Opens an image for as long as `use` takes.
 * @throws WorkbenchError `storage` where it cannot be read, `refused-file` where it is no regular file, empty or
 *   too large
 */
export async function withImage<T>(file: string, use: (image: ImageBytes) => Promise<T>): Promise<T> {
  return withStorage('The image could not be read', file, async () => {
    // Before it is opened: to open a pipe can take for ever.
    const stats = await stat(file);
    if (!stats.isFile()) throw imageRefused(file, 'it is no regular file');
    if (stats.size === 0) throw imageRefused(file, 'it is empty');
    if (stats.size > MOST_IMAGE_BYTES) {
      throw imageRefused(
        file,
        `it has ${formatBytes(stats.size)}; at most ${formatBytes(MOST_IMAGE_BYTES)} are read`,
      );
    }
    const handle = await open(file, 'r');
    try {
      const read = (offset: number, length: number, place: string) =>
        readPart(handle, file, stats.size, offset, length, place);
      return await use({ file, size: stats.size, read });
    } finally {
      await handle.close();
    }
  });
}

/** Bytes in memory as if they were a file. */
export function imageInMemory(file: string, bytes: Uint8Array): ImageBytes {
  return {
    file,
    size: bytes.length,
    read: async (offset, length, place) => {
      requirePart(file, bytes.length, offset, length, place);
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
  };
}

/** SHA-256 of all bytes, hexadecimal. @throws WorkbenchError `storage` */
export async function imageHash(file: string): Promise<string> {
  return withStorage('The image could not be read', file, async () => {
    const handle = await open(file, 'r');
    try {
      const hash = createHash('sha256');
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let at = 0; ; ) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) return hash.digest('hex');
        hash.update(chunk.subarray(0, bytesRead));
        at += bytesRead;
      }
    } finally {
      await handle.close();
    }
  });
}

async function readPart(
  handle: FileHandle,
  file: string,
  size: number,
  offset: number,
  length: number,
  place: string,
): Promise<Buffer> {
  requirePart(file, size, offset, length, place);
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw imageRefused(file, `it ends inside its ${place}`);
    done += bytesRead;
  }
  return bytes;
}

function requirePart(file: string, size: number, offset: number, length: number, place: string): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw imageRefused(file, `the position of its ${place} is no number that a file can have`);
  }
  if (length > MOST_PART_BYTES) {
    throw imageRefused(file, `its ${place} would have ${formatBytes(length)}`);
  }
  if (offset + length > size) throw imageRefused(file, `it ends before its ${place} does`);
}

/** The one way in which an image is refused. @param reason without a full stop */
export function imageRefused(
  file: string,
  reason: string,
  remedy = 'Build the image again, or copy it again from where it was built.',
): WorkbenchError {
  return new WorkbenchError('refused-file', `${basename(file)} is refused: ${reason}.`, {
    where: file,
    remedy,
  });
}
