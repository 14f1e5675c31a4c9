import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readCifarBinary } from '../../../main/datasets/cifarBinary';
import { readCifarPng } from '../../../main/datasets/cifarPng';
import { readCifarPython } from '../../../main/datasets/cifarPython';
import { readIdx } from '../../../main/datasets/idx';
import { tryMutations } from '../../hostile/mutationTrial';
import { testRandom } from '../../random';
import {
  cifarBinaryFile,
  cifarPngFile,
  cifarPythonFile,
  idxFile,
  mutate,
  randomCifar,
  withRightChecksums,
} from './formats';
import { temporaryFolder } from './temporaryFolder';

const random = testRandom('mutations');
const folder = temporaryFolder();
const cifar = randomCifar(random, 2);
const idx = idxFile([3, 5, 7], cifar.images.subarray(0, 105));
const labels = join(folder, 'labels.json');
writeFileSync(labels, JSON.stringify([...cifar.labels]));

const strip = join(folder, 'whole.png');
writeFileSync(strip, cifarPngFile(cifar));
const readStrip = (file: string) => readCifarPng([file], labels, 2);

const formats: [string, string, Buffer, (file: string) => Promise<unknown>][] = [
  ['IDX', 'idx', idx, (file) => readIdx(file, 3)],
  ['gzipped IDX', 'idx.gz', gzipSync(idx), (file) => readIdx(file, 3)],
  ['CIFAR-10 binary', 'batch.bin', cifarBinaryFile(cifar), (file) => readCifarBinary([file])],
  ['CIFAR-10 python', 'batch', cifarPythonFile(cifar), (file) => readCifarPython([file])],
  ['CIFAR-10 PNG', 'batch.png', cifarPngFile(cifar), readStrip],
  [
    'CIFAR-10 PNG with right checksums',
    'right.png',
    cifarPngFile(cifar),
    (file) => {
      writeFileSync(file, withRightChecksums(readFileSync(file)));
      return readStrip(file);
    },
  ],
  ['JSON of labels', 'labels.json', readFileSync(labels), (file) => readCifarPng([strip], file, 2)],
];

it.each(formats)(
  'a mutated %s file is read or refused, and nothing else',
  { timeout: 60 * 60_000 },
  async (...format) => {
    const [, name, good, read] = format;
    const path = join(folder, name);
    const refused = await tryMutations({
      format: format[0],
      original: good,
      mutate: () => mutate(random, good),
      read: (bytes) => {
        writeFileSync(path, bytes);
        return read(path);
      },
      isRefusal: ({ kind, where }) => kind === 'refused-file' && where?.includes(path) === true,
    });
    expect(refused).toBeGreaterThan(0);
  },
);
