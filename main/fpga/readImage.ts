/** Reads an FPGA image of either vendor, by what the file begins with and not by its name. */
import { isPlainName } from '../../core/fpga/image';
import { readAocx } from './aocx';
import { isElf } from './elf';
import type { ImageContents } from './imageContents';
import { type ImageBytes, imageRefused, withImage } from './imageFile';
import { isXclbin, readXclbin } from './xclbin';

/** @throws WorkbenchError `storage`, `refused-file` with the reason */
export function readImage(file: string): Promise<ImageContents> {
  return withImage(file, readImageFrom);
}

/** @throws WorkbenchError `refused-file` with the reason */
export async function readImageFrom(image: ImageBytes): Promise<ImageContents> {
  const start = await image.read(0, Math.min(16, image.size), 'first bytes');
  const contents = isXclbin(start) ? await readXclbin(image) : isElf(start) ? await readAocx(image) : null;
  if (contents && !isPlainName(contents.board)) {
    throw imageRefused(
      image.file,
      'its name of the board is too long or has characters that cannot be shown',
    );
  }
  if (contents) return contents;
  throw imageRefused(
    image.file,
    'it begins neither like an .aocx nor like an .xclbin',
    'Give the image that aoc or v++ wrote, not its report or its source.',
  );
}
