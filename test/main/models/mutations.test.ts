/**
 * Mutated files of each format: each is refused with a typed error or loads, and none hangs or crashes. The
 * count of each format is BNNW_MUTATIONS, 2,000 if it is not set.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import type { Model } from '../../../core/network/model';
import { parseTopologyDescription } from '../../../core/network/topologies';
import { saveModel } from '../../../main/models';
import { openModel, readModelFrom } from '../../../main/models/openModel';
import { tryMutations } from '../../hostile/mutationTrial';
import { testRandom } from '../../random';
import { inMemory, joined, testFolder, useTestFolder, written } from './files';
import { mutated } from './mutator';
import * as p from './pickleAssembler';
import { DESCRIPTION, tinyFile, tinyTensors } from './tinyNetwork';
import { zip } from './zipAssembler';

useTestFolder();
const random = testRandom('mutations');

const tensors = tinyTensors(random);
const storages = Object.values(tensors).map(({ values }) => new Uint8Array(values.buffer));
const state = p.stateDict(
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }], i) => {
      const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
      return [`module.${name}`, p.tensor({ key: String(i), elements: values.length, shape, strides })];
    }),
  ),
);

/** The tiny network in each form; `wrap` puts a mutated part into a file that is right around it. */
const legacy = p.legacyFile(
  state,
  storages.map((_, i) => String(i)),
  joined(...storages.flatMap((bytes) => [p.u64(bytes.length / 4), bytes])),
);
const zipAround = (pickle: Uint8Array) =>
  zip({
    zip64: true,
    entries: [
      { name: 'net/data.pkl', data: pickle, descriptor: true },
      ...storages.map((data, i) => ({ name: `net/data/${i}`, data, descriptor: true })),
    ],
  });
const zipped = zipAround(p.pickle(state));
const plain = tinyFile(tensors);

async function survey(format: string, original: Uint8Array, read: (bytes: Uint8Array) => Promise<unknown>) {
  const refused = await tryMutations({
    format,
    original,
    mutate: () => mutated(random, original),
    read,
    isRefusal: ({ kind, where }) => ['refused-file', 'unsupported', 'usage'].includes(kind) && where !== null,
  });
  expect(refused).toBeGreaterThan(0);
}

/** Loads bytes under this name, with a description of the network beside them. */
async function loader(name: string): Promise<(bytes: Uint8Array) => Promise<Model>> {
  const topologyFile = await written('tiny.json', JSON.stringify(DESCRIPTION));
  return (bytes) => readModelFrom(inMemory(name, bytes), { topologyFile, mode: 'deterministic' });
}

describe('mutated files are refused or load', { timeout: 60 * 60_000 }, () => {
  it('legacy .pt', async () => survey('legacy .pt', legacy, await loader('a.pt')));

  it('zip .pt', async () => survey('zip .pt', zipped, await loader('a.pt')));

  it('the pickle in a right zip', async () => {
    const load = await loader('a.pt');
    await survey('pickle in a zip', p.pickle(state), (bytes) => load(zipAround(bytes)));
  });

  it('safetensors', async () => survey('safetensors', plain, await loader('a.safetensors')));

  it("the workbench's own safetensors", async () => {
    const load = await loader('own.safetensors');
    const file = join(testFolder(), 'own.safetensors');
    const calibration = { dataset: 'mnist', images: 10, seed: 1, steps: { a4: [0.5] } };
    await saveModel({ ...(await load(legacy)), calibration }, file);
    await survey('own safetensors', await readFile(file), load);
  });

  it('gzip', async () => {
    const topologyFile = await written('tiny.json', JSON.stringify(DESCRIPTION));
    await survey('gzip', gzipSync(plain), async (bytes) =>
      openModel(await written('a.gz', bytes), { topologyFile, mode: 'deterministic' }),
    );
  });

  it('descriptions of networks', async () => {
    await survey('description', new TextEncoder().encode(JSON.stringify(DESCRIPTION)), async (bytes) => {
      const topologyFile = await written('tiny.json', bytes);
      return readModelFrom(inMemory('a.pt', legacy), { topologyFile, mode: 'deterministic' });
    });
  });
});

it('a description of anything but an object is refused', () => {
  for (const json of [null, 1, '', [], {}, { layers: [[]] }]) {
    expect(() => parseTopologyDescription(json, 'x.json')).toThrow(WorkbenchError);
  }
});
