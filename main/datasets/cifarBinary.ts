/**
 * CIFAR-10, binary version: records of 3,073 bytes, one label and three planes of 32 x 32 (red, green, blue).
 */
import { MAX_BYTES, readBytes, refusal, regularFileBytes } from './boundedFile';
import { CIFAR_IMAGE_BYTES, checkLabel, emptyCifarSplit, interleave } from './cifar';
import type { Split } from './split';

const RECORD_BYTES = 1 + CIFAR_IMAGE_BYTES;

/**
 * The records of all files, in order.
 * @throws WorkbenchError `refused-file`
 */
export async function readCifarBinary(files: readonly string[]): Promise<Split> {
  const sizes = await Promise.all(files.map(recordFileBytes));
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (totalBytes > MAX_BYTES) {
    throw refusal(files.join(', '), 'files', `They have ${totalBytes} bytes; at most ${MAX_BYTES} are read.`);
  }
  const split = emptyCifarSplit(totalBytes / RECORD_BYTES);
  let image = 0;
  for (const [index, file] of files.entries()) {
    const records = await readBytes(file, sizes[index]!);
    for (let start = 0; start < records.length; start += RECORD_BYTES, image++) {
      split.labels[image] = checkLabel(file, `byte ${start}`, records[start]);
      interleave(records, start + 1, split.images, image * CIFAR_IMAGE_BYTES);
    }
  }
  return split;
}

async function recordFileBytes(file: string): Promise<number> {
  const bytes = await regularFileBytes(file);
  if (bytes === 0 || bytes % RECORD_BYTES !== 0) {
    throw refusal(
      file,
      'file',
      `The file has ${bytes} bytes, not a multiple of ${RECORD_BYTES} (one record).`,
    );
  }
  return bytes;
}
