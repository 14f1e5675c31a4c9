import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadTestSet, loadTrainingImages } from '../../../main/datasets/index';
import { testRandom } from '../../random';
import { cifarBinaryFile, cifarPythonFile, idxFile, randomCifar } from './formats';
import { temporaryFolder } from './temporaryFolder';

const base = temporaryFolder();
const random = testRandom('folder');
const digits = Uint8Array.from({ length: 2 * 4 * 5 }, (_, i) => i);
const cifar = randomCifar(random, 4);

function folderWith(name: string, files: Record<string, Uint8Array>): string {
  const folder = join(base, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

describe("a folder of the user's", () => {
  it('is recognized by MNIST file names, plain, gzipped or with a dot', async () => {
    const images = idxFile([2, 4, 5], digits);
    const labels = idxFile([2], Uint8Array.of(1, 4));
    const expected = {
      height: 4,
      width: 5,
      channels: 1,
      classes: 5,
      images: digits,
      labels: Uint8Array.of(1, 4),
    };
    const plain = { 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels };
    const dotted = { 't10k-images.idx3-ubyte': images, 't10k-labels.idx1-ubyte': labels };
    const zipped = {
      't10k-images-idx3-ubyte.gz': gzipSync(images),
      't10k-labels-idx1-ubyte.gz': gzipSync(labels),
    };
    for (const [id, files] of Object.entries({ plain, dotted, zipped })) {
      expect(await loadTestSet(folderWith(id, files))).toMatchObject({ ...expected, id, name: id });
    }
  });

  it('is recognized by CIFAR-10 file names, binary or python, with the same hash', async () => {
    const binary = await loadTestSet(folderWith('binary', { 'test_batch.bin': cifarBinaryFile(cifar) }));
    const python = await loadTestSet(folderWith('python', { test_batch: cifarPythonFile(cifar) }));
    expect(binary).toMatchObject({ id: 'binary', classes: 10, images: cifar.images, labels: cifar.labels });
    expect(python.sha256).toBe(binary.sha256);
  });

  it('gives training images from all its batches', async () => {
    const other = randomCifar(random, 3);
    const folder = folderWith('training', {
      'data_batch_1.bin': cifarBinaryFile(cifar),
      'data_batch_2.bin': cifarBinaryFile(other),
    });
    const drawn = await loadTrainingImages(folder, 7, 1);
    expect(drawn.dataset).toBe('training');
    expect([...drawn.indices].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const labels = [...cifar.labels, ...other.labels];
    expect([...drawn.labels]).toEqual(drawn.indices.map((index) => labels[index]));
    const place = drawn.indices.indexOf(4);
    expect(drawn.images.subarray(place * 3072, (place + 1) * 3072)).toEqual(other.images.subarray(0, 3072));
    await expect(loadTrainingImages(folder, 8, 1)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('with a file that cannot be read is an error for a person', async () => {
    const folder = folderWith('dangling', {});
    for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
      symlinkSync(join(base, 'nowhere'), join(folder, name));
    }
    await expect(loadTestSet(folder)).rejects.toMatchObject({ kind: 'storage', where: folder });
  });

  it('without a data set in it, or that is not there, is an error that helps', async () => {
    await expect(
      loadTestSet(folderWith('nothing', { 'readme.txt': new Uint8Array(1) })),
    ).rejects.toMatchObject({
      kind: 'not-available',
      remedy: expect.stringContaining('t10k-images-idx3-ubyte'),
    });
    await expect(loadTestSet('cifar100')).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining('mnist and cifar10'),
    });
  });
});
