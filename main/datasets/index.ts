/** The data sets: MNIST and CIFAR-10 by name, fetched once, or a folder of the user's. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { Random } from '../../core/statistics/random';
import { cacheFolder } from '../../setup/folders.mjs';
import { isCached, readCached } from './cache';
import { DATASETS, type DatasetId, describeDataset, isDatasetId, type SplitName } from './catalogue';
import { fetchInto } from './fetch';
import { readFolder } from './folder';
import type { ProgressListener } from './progress';
import { sourcesOf } from './source';
import { type Split, splitSha256 } from './split';

export { DATASETS, type DatasetDescription, type DatasetId, isDatasetId } from './catalogue';
export type { DatasetProgress, ProgressListener } from './progress';

export interface TestSet extends Split {
  /** `mnist`, `cifar10`, or the name of the user's folder. */
  id: string;
  name: string;
  /** Of the images followed by the labels, hexadecimal. */
  sha256: string;
}

/** Images for calibration, in the order in which they were drawn. */
export interface TrainingImages {
  /** Data set id, or the name of the user's folder. */
  dataset: string;
  seed: number;
  height: number;
  width: number;
  channels: number;
  /** count x height x width x channels, interleaved. */
  images: Uint8Array;
  labels: Uint8Array;
  /** Their places in the training set. */
  indices: number[];
}

const root = join(cacheFolder, 'datasets');
const never = () => new AbortController().signal;
const silent: ProgressListener = () => {};

/**
 * The test set of a known data set, fetched if it is not on this machine yet, or of a folder in an official format.
 * @throws WorkbenchError `unknown-name`, `not-available`, `refused-file`, `storage`, `cancelled`
 */
export async function loadTestSet(
  idOrFolder: string,
  onProgress: ProgressListener = silent,
  signal: AbortSignal = never(),
): Promise<TestSet> {
  const { split, sha256, id, name } = await loadSplit(idOrFolder, 'test', onProgress, signal);
  return { ...split, sha256, id, name };
}

/**
 * `count` different images of the training set, drawn by `seed`.
 * @throws WorkbenchError as {@link loadTestSet}, and `usage` where the set has fewer images
 */
export async function loadTrainingImages(
  idOrFolder: string,
  count: number,
  seed: number,
  onProgress: ProgressListener = silent,
  signal: AbortSignal = never(),
): Promise<TrainingImages> {
  const { split, id } = await loadSplit(idOrFolder, 'training', onProgress, signal);
  const { height, width, channels } = split;
  const available = split.labels.length;
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw new WorkbenchError('usage', `${count} training images were asked for.`, {
      where: id,
      remedy: `Ask for 1 to ${available}.`,
    });
  }
  const indices = new Random(seed).shuffle(Array.from({ length: available }, (_, i) => i)).slice(0, count);
  const imageBytes = height * width * channels;
  const images = new Uint8Array(count * imageBytes);
  for (const [place, index] of indices.entries()) {
    images.set(split.images.subarray(index * imageBytes, (index + 1) * imageBytes), place * imageBytes);
  }
  const labels = Uint8Array.from(indices, (index) => split.labels[index]!);
  return { dataset: id, seed, height, width, channels, images, labels, indices };
}

/**
 * Brings a data set to this machine, if it is not there whole already.
 * @throws WorkbenchError `not-available`, `storage`, `cancelled`
 */
export async function fetchDataset(
  id: DatasetId,
  onProgress: ProgressListener = silent,
  signal: AbortSignal = never(),
): Promise<void> {
  await loadKnown(id, 'test', onProgress, signal);
  await loadKnown(id, 'training', onProgress, signal);
}

/** Whether the data set lies on this machine. */
export function isPresent(id: DatasetId): Promise<boolean> {
  return isCached(join(root, id), describeDataset(id));
}

interface LoadedSplit {
  split: Split;
  sha256: string;
  id: string;
  name: string;
}

async function loadSplit(
  idOrFolder: string,
  splitName: SplitName,
  onProgress: ProgressListener,
  signal: AbortSignal,
): Promise<LoadedSplit> {
  if (isDatasetId(idOrFolder)) {
    const { id, name, splits } = describeDataset(idOrFolder);
    const split = await loadKnown(idOrFolder, splitName, onProgress, signal);
    return { split, sha256: splits[splitName].sha256, id, name };
  }
  if (!existsSync(idOrFolder)) {
    throw new WorkbenchError('unknown-name', `There is no data set and no folder called ${idOrFolder}.`, {
      where: idOrFolder,
      remedy: `Known are ${DATASETS.map(({ id }) => id).join(' and ')}; anything else must be a folder's path.`,
    });
  }
  const split = await readFolder(idOrFolder, splitName);
  const sha256 = splitSha256(split);
  const official = DATASETS.find(
    ({ splits, height, width }) =>
      splits[splitName].sha256 === sha256 && split.height === height && split.width === width,
  );
  if (official) return { split, sha256, id: official.id, name: official.name };
  const name = basename(resolve(idOrFolder));
  return { split, sha256, id: name, name };
}

async function loadKnown(
  id: DatasetId,
  split: SplitName,
  onProgress: ProgressListener,
  signal: AbortSignal,
): Promise<Split> {
  const description = describeDataset(id);
  const folder = join(root, id);
  const cached = await readCached(folder, description, split);
  if (cached !== null) return cached;
  await fetchInto(root, description, sourcesOf(description), onProgress, signal);
  const fetched = await readCached(folder, description, split);
  if (fetched !== null) return fetched;
  throw new WorkbenchError('storage', `${description.name} was fetched, but its copy on disk is damaged.`, {
    where: folder,
    remedy: 'Check the disk; BNNW_HOME names another place.',
  });
}
