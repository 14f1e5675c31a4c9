/**
 * The one form in which fetched data sets lie in the user's cache folder, whatever they came as:
 *
 *   datasets/<id>/<split>-images.bin    n x height x width x channels bytes, interleaved
 *   datasets/<id>/<split>-labels.bin    n bytes
 *   datasets/<id>/dataset.json          what the bytes mean, for people and other programs
 *
 * where split is `test` or `training`. A split is used only if its SHA-256 is the known one.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../storage/makeFolders';
import { readBytes, regularFileBytes } from './boundedFile';
import type { DatasetDescription, SplitName } from './catalogue';
import { type Split, splitSha256 } from './split';

function splitFiles(folder: string, description: DatasetDescription, split: SplitName) {
  const { height, width, channels, splits } = description;
  const { images } = splits[split];
  return {
    images: { path: join(folder, `${split}-images.bin`), bytes: images * height * width * channels },
    labels: { path: join(folder, `${split}-labels.bin`), bytes: images },
  };
}

/** Whether all files are there in their full length. Their content is checked when they are read. */
export async function isCached(folder: string, description: DatasetDescription): Promise<boolean> {
  const files = (['test', 'training'] as const).flatMap((split) =>
    Object.values(splitFiles(folder, description, split)),
  );
  const present = await Promise.all(files.map(({ path, bytes }) => hasLength(path, bytes)));
  return present.every(Boolean);
}

/** The split, or null where it is missing or differs in any byte. */
export async function readCached(
  folder: string,
  description: DatasetDescription,
  split: SplitName,
): Promise<Split | null> {
  const files = splitFiles(folder, description, split);
  for (const { path, bytes } of [files.images, files.labels]) {
    if (!(await hasLength(path, bytes))) return null;
  }
  const { height, width, channels, classes } = description;
  const images = await readBytes(files.images.path, files.images.bytes);
  const labels = await readBytes(files.labels.path, files.labels.bytes);
  if (splitSha256({ images, labels }) !== description.splits[split].sha256) return null;
  return { height, width, channels, classes, images, labels };
}

export async function writeSplit(
  folder: string,
  description: DatasetDescription,
  name: SplitName,
  split: Split,
): Promise<void> {
  const files = splitFiles(folder, description, name);
  await makeFolders(folder);
  await writeFile(files.images.path, split.images);
  await writeFile(files.labels.path, split.labels);
}

export async function writeDescription(
  folder: string,
  description: DatasetDescription,
  source: string,
): Promise<void> {
  const { id, name, classes, height, width, channels, splits } = description;
  const text = JSON.stringify({ id, name, classes, height, width, channels, splits, source }, null, 2);
  await writeFile(join(folder, 'dataset.json'), `${text}\n`);
}

async function hasLength(path: string, bytes: number): Promise<boolean> {
  try {
    return (await regularFileBytes(path)) === bytes;
  } catch {
    return false;
  }
}
