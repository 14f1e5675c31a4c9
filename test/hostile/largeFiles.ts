/** Large files of each format: right ones, and small ones that unpack to much. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatSession } from '../../core/session/document';
import { embedSession } from '../../core/session/embedded';
import type { Run, SessionDocument } from '../../core/session/schema';
import type { Random } from '../../core/statistics/random';
import { encodeRecord } from '../../main/host/journalFile';
import { saveModel } from '../../main/models';
import { openModel } from '../../main/models/openModel';
import { exampleSession } from '../core/session/exampleSession';
import {
  cifarBinaryFile,
  cifarPngFile,
  cifarPythonFile,
  idxFile,
  randomCifar,
} from '../main/datasets/formats';
import { AOCX_SECTIONS, aocx, manifestOf, xclbin } from '../main/fpga/images';
import { joined } from '../main/models/files';
import * as p from '../main/models/pickleAssembler';
import { plainFile } from '../main/models/safetensorsAssembler';
import { zip } from '../main/models/zipAssembler';
import type { readers } from './readOnce';

export interface LargeFile {
  format: string;
  reader: keyof typeof readers;
  path: string;
  refused?: boolean;
}

const IMAGES = 10_000;
/** Of numbers in a session that is read: see main/storage/readText.ts. */
const MOST_VALUES = 24_000_000;

/** @param bytes of the largest; the data sets have the size that they have */
export async function writeLargeFiles(folder: string, bytes: number, random: Random): Promise<LargeFile[]> {
  const files: LargeFile[] = [];
  const add = (
    format: string,
    reader: LargeFile['reader'],
    name: string,
    content: Uint8Array | string,
    refused = false,
  ) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    files.push({ format, reader, path, refused });
  };
  await addModels(folder, bytes, random, add);
  addDataSets(folder, random, add);
  addSessions(bytes, add);
  const lines = Math.min(1_900_000, Math.floor(bytes / 20));
  const meter = Array.from({ length: lines }, (_, i) => `${1_700_000_000 + i}.125,${20 + (i % 7)}.5`);
  add('meter log', 'meter log', 'meter.csv', `time,watts\n${meter.join('\n')}\n`);
  const bitstream = 'c'.repeat(bytes);
  add('.aocx', 'image', 'a.aocx', aocx({ ...AOCX_SECTIONS, '.acl.fpga.bin': bitstream }));
  add('.xclbin', 'image', 'a.xclbin', Buffer.concat([xclbin(), Buffer.from(bitstream)]), true);
  const image = join(folder, 'm.aocx');
  const kernels = Array.from({ length: 60_000 }, (_, i) => `layer${i}_of_a_network`);
  writeFileSync(`${image}.json`, JSON.stringify(manifestOf(aocx(), { kernels })));
  files.push({ format: 'manifest of an image', reader: 'manifest', path: image, refused: true });
  return files;
}

type Add = (
  format: string,
  reader: LargeFile['reader'],
  name: string,
  content: Uint8Array | string,
  refused?: boolean,
) => void;

async function addModels(folder: string, bytes: number, random: Random, add: Add): Promise<void> {
  const width = Math.floor(Math.sqrt(bytes / 4));
  const linear = (name: string, inputs: number, outputs: number, binary: boolean) => ({
    ...{ kind: 'linear', name, inputs, outputs, binary },
    bias: false,
  });
  const description = {
    ...{ id: 'large', classes: 2, dataset: 'mnist', input: { channels: 1, height: 4, width: 4 } },
    normalization: { mean: [0.5], deviation: [0.5] },
    layers: [
      { kind: 'flatten' },
      linear('first', 16, width, true),
      { kind: 'relu' },
      linear('large', width, width, true),
      { kind: 'relu' },
      linear('last', width, 2, false),
    ],
  };
  writeFileSync(join(folder, 'network.json'), JSON.stringify(description));
  const signs = (rows: number, columns: number) => {
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < values.length; i += 24) {
      const bits = random.below(2 ** 24);
      for (let bit = 0; bit < 24 && i + bit < values.length; bit++)
        values[i + bit] = (bits >> bit) & 1 ? 1 : -1;
    }
    return { shape: [rows, columns], values };
  };
  const tensors = {
    'first.weight': signs(width, 16),
    'large.weight': signs(width, width),
    'last.weight': signs(2, width),
  };
  const [legacy, zipped, plain] = formsOf(tensors);
  add('legacy .pt', 'binarized model', 'legacy.pt', legacy);
  add('zip .pt', 'binarized model', 'zip.pt', zipped);
  add('safetensors', 'binarized model', 'plain.safetensors', plain);
  add('gzip', 'binarized model', 'packed.safetensors.gz', gzipSync(plain));
  add('gzip bomb', 'binarized model', 'bomb.pt.gz', gzipSync(joined(plain, new Uint8Array(2 ** 28))), true);
  for (const { values } of Object.values(tensors)) values.set(values.map((value) => value * 0.37));
  const [realLegacy, realZipped, realPlain] = formsOf(tensors);
  add('legacy .pt of real weights', 'model of real weights', 'real.pt', realLegacy);
  add('zip .pt of real weights', 'model of real weights', 'realZip.pt', realZipped);
  add('safetensors of real weights', 'model of real weights', 'real.safetensors', realPlain);
  const options = { topologyFile: join(folder, 'network.json'), mode: 'none' } as const;
  const own = join(folder, 'own.safetensors');
  await saveModel(await openModel(join(folder, 'real.pt'), options), own);
  add('own safetensors', 'model of real weights', 'own.safetensors', readFileSync(own));
}

/** As a legacy `.pt`, a zip `.pt` and a safetensors. */
function formsOf(tensors: Record<string, { shape: number[]; values: Float32Array }>) {
  const storages = Object.values(tensors).map(({ values }) => new Uint8Array(values.buffer));
  const state = p.stateDict(
    Object.fromEntries(
      Object.entries(tensors).map(([name, { shape, values }], i) => {
        const strides = [shape[1]!, 1];
        return [name, p.tensor({ key: String(i), elements: values.length, shape, strides })];
      }),
    ),
  );
  const keys = storages.map((_, i) => String(i));
  const legacy = p.legacyFile(
    state,
    keys,
    joined(...storages.flatMap((each) => [p.u64(each.length / 4), each])),
  );
  const entries = storages.map((data, i) => ({ name: `net/data/${i}`, data, descriptor: true }));
  const pickled = { name: 'net/data.pkl', data: p.pickle(state), descriptor: true };
  return [legacy, zip({ zip64: true, entries: [pickled, ...entries] }), plainFile(tensors)] as const;
}

function addDataSets(folder: string, random: Random, add: Add): void {
  const cifar = randomCifar(random, IMAGES);
  writeFileSync(join(folder, 'labels.json'), JSON.stringify([...cifar.labels]));
  const idx = idxFile([60_000, 28, 28], new Uint8Array(60_000 * 28 * 28).fill(7));
  add('IDX', 'idx', 'images.idx', idx);
  add('gzipped IDX', 'idx', 'images.idx.gz', gzipSync(idx));
  const bomb = idxFile([180_000, 32, 32], new Uint8Array(180_000 * 1024));
  add('gzipped IDX that unpacks to much', 'idx', 'bomb.idx.gz', gzipSync(bomb));
  add('CIFAR-10 binary', 'cifar binary', 'batch.bin', cifarBinaryFile(cifar));
  add('CIFAR-10 python', 'cifar python', 'batch', cifarPythonFile(cifar));
  add('CIFAR-10 PNG', 'cifar png', 'strip.png', cifarPngFile(cifar));
  add('JSON of labels', 'labels', 'labels.json', JSON.stringify([...cifar.labels]));
}

function addSessions(bytes: number, add: Add): void {
  const digits = Array.from({ length: IMAGES }, (_, i) => i % 10);
  const sample = exampleSession.runs[0]!;
  const run = (samples: number[]): Run => ({
    ...sample,
    dataset: { ...sample.dataset, samples: IMAGES, available: IMAGES },
    accuracy: { correct: IMAGES, total: IMAGES },
    timing: { ...sample.timing, endToEndMsPerBatch: { median: 1, p90: 1, samples } },
    predictions: digits,
    labels: digits,
  });
  const sessionOf = (each: Run): SessionDocument => {
    const values = 2 * IMAGES + each.timing.endToEndMsPerBatch.samples.length;
    const most = Math.floor(MOST_VALUES / values);
    const count = Math.max(1, Math.min(most, Math.floor(bytes / JSON.stringify(each).length)));
    return {
      ...exampleSession,
      runs: Array.from({ length: count }, (_, i) => ({ ...each, id: `run-${i}` })),
    };
  };
  const ofDigits = sessionOf(run([1, 1]));
  const ofTimes = sessionOf(run(digits.map((digit) => 1 + digit / 7)));
  add('session of answers', 'session', 'answers.json', JSON.stringify(ofDigits));
  add('session of times', 'session', 'times.json', formatSession(ofTimes));
  add('session in an HTML report', 'session file', 'report.html', `<!doctype html>${embedSession(ofTimes)}`);
  const { runs, failures: _, ...header } = ofTimes;
  const records = runs.map((each) => encodeRecord({ kind: 'run-finished', run: each }));
  add('journal', 'journal', 'journal', Buffer.concat([encodeRecord({ kind: 'opened', header }), ...records]));
}
