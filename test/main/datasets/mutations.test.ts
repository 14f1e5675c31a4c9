import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import { readCifarBinary } from '../../../main/datasets/cifarBinary';
import { readCifarPng } from '../../../main/datasets/cifarPng';
import { readCifarPython } from '../../../main/datasets/cifarPython';
import { readIdx } from '../../../main/datasets/idx';
import { figure } from '../../figures';
import { testRandom } from '../../random';
import { cifarBinaryFile, cifarPngFile, cifarPythonFile, idxFile, mutate, randomCifar } from './formats';
import { temporaryFolder } from './temporaryFolder';

/** Of each format. */
const mutations = Number(process.env.BNNW_MUTATIONS ?? 2000);
const random = testRandom('mutations');
const folder = temporaryFolder();
const cifar = randomCifar(random, 2);
const idx = idxFile([3, 5, 7], cifar.images.subarray(0, 105));
const labels = join(folder, 'labels.json');
writeFileSync(labels, JSON.stringify([...cifar.labels]));

const formats: [string, string, Buffer, (file: string) => Promise<unknown>][] = [
  ['IDX', 'idx', idx, (file) => readIdx(file, 3)],
  ['gzipped IDX', 'idx.gz', gzipSync(idx), (file) => readIdx(file, 3)],
  ['CIFAR-10 binary', 'batch.bin', cifarBinaryFile(cifar), (file) => readCifarBinary([file])],
  ['CIFAR-10 python', 'batch', cifarPythonFile(cifar), (file) => readCifarPython([file])],
  ['CIFAR-10 PNG', 'batch.png', cifarPngFile(cifar), (file) => readCifarPng([file], labels, 2)],
];

it.each(formats)(
  'a mutated %s file is read or refused, and nothing else',
  { timeout: 60 * 60_000 },
  async (...format) => {
    const [, name, good, read] = format;
    const path = join(folder, name);
    let refused = 0;
    let slowestMs = 0;
    for (let round = 0; round < mutations; round++) {
      const mutated = mutate(random, good);
      writeFileSync(path, mutated);
      const started = performance.now();
      try {
        await read(path);
      } catch (error) {
        if (!(error instanceof WorkbenchError) || error.kind !== 'refused-file') throw error;
        expect(error.where).toContain(path);
        refused += 1;
      }
      slowestMs = Math.max(slowestMs, performance.now() - started);
    }
    figure(format[0], `${mutations} mutations, ${refused} refused, slowest ${slowestMs.toFixed(0)} ms`);
    expect(refused).toBeGreaterThan(mutations / 4);
  },
);
