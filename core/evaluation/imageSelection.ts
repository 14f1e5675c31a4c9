import { WorkbenchError } from '../errors';
import { formatCount } from '../report/format';
import { Random } from '../statistics/random';

/**
 * Which test images a run classifies, and in which order.
 * @param samples how many; null for all
 * @returns indices in the test set, drawn without repetition and in random order; null for all images in
 *   their own order, where the seed has no part
 * @throws WorkbenchError `usage` where the test set has fewer images
 */
export function chooseImages(available: number, samples: number | null, seed: number): number[] | null {
  if (samples === null || samples === available) return null;
  if (samples > available) {
    const [all, asked] = [formatCount(available), formatCount(samples)];
    throw new WorkbenchError('usage', `The test set has ${all} images, ${asked} were asked for.`, {
      where: 'samples',
      remedy: 'Ask for fewer, or leave the number out to run all of them.',
    });
  }
  const all = Array.from({ length: available }, (_, index) => index);
  return new Random(seed).shuffle(all).slice(0, samples);
}

/**
 * The images of whole batches in the order of a run: a copy, or where they lie in this order already the images
 * themselves, so nobody may change them. The last batch is filled up with images from the start, so that every
 * batch that is timed is full; the answers of the fill are dropped by the caller.
 * @param images [available][imageBytes]
 * @param indices as from {@link chooseImages}
 * @param count how many images the run has
 * @param space that a copy may take where it is large enough: fresh memory costs more than the copy
 * @returns [batches x batchSize][imageBytes]
 */
export function gatherBatches(
  images: Uint8Array,
  imageBytes: number,
  indices: readonly number[] | null,
  count: number,
  firstBatch: number,
  batches: number,
  batchSize: number,
  space: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const [start, end] = [firstBatch * batchSize, (firstBatch + batches) * batchSize];
  if (indices === null && end <= count) return images.subarray(start * imageBytes, end * imageBytes);
  const bytes = (end - start) * imageBytes;
  const gathered = bytes <= space.length ? space.subarray(0, bytes) : new Uint8Array(bytes);
  for (let i = start; i < end; ) {
    const position = i % count;
    const image = indices === null ? position : indices[position]!;
    // Images that follow each other are copied at once.
    const length = indices === null ? Math.min(count - position, end - i) : 1;
    gathered.set(
      images.subarray(image * imageBytes, (image + length) * imageBytes),
      (i - start) * imageBytes,
    );
    i += length;
  }
  return gathered;
}
