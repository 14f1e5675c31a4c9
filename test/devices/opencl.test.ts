import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { runPlan } from '../../core/network/reference';
import type { Shape } from '../../core/network/topology';
import { prepareNetwork } from '../../main/devices/opencl/network';
import { ProgramCache } from '../../main/devices/opencl/programCache';
import { openClProvider } from '../../main/devices/opencl/provider';
import { summarizeLayers } from '../../main/host/besideTimes';
import { Context, liveHandles } from '../../native';
import { type LayerSketch, randomImages, randomModel, relativeDifference } from '../core/network/randomModel';
import { testDevice } from '../openclDevice';
import { testRandom } from '../random';

const random = testRandom('opencl');
const folder = mkdtempSync(join(tmpdir(), 'bnnw-programs-'));
const cache = new ProgramCache(folder);
let context: Context;
const before = liveHandles();

beforeAll(() => {
  context = new Context(testDevice());
});
afterAll(() => {
  context.release();
  rmSync(folder, { recursive: true });
  expect(liveHandles()).toEqual(before);
});

const norm: LayerSketch[] = [{ kind: 'batchNorm' }, { kind: 'relu' }];
const paper: LayerSketch[] = [
  { kind: 'convolution', outputs: 12, kernel: 3, padding: 1, binary: true },
  ...norm,
  { kind: 'convolution', outputs: 20, kernel: 3, padding: 1, binary: true },
  { kind: 'maxPool', size: 2 },
  ...norm,
  { kind: 'flatten' },
  { kind: 'linear', outputs: 33, binary: true },
  ...norm,
  { kind: 'linear', outputs: 10 },
];
const colour: Shape = { channels: 3, height: 10, width: 10 };

const networks: [string, Shape, LayerSketch[]][] = [
  ['the shape of the CIFAR-10 network', colour, paper],
  [
    'the shape of the MNIST network',
    { channels: 1, height: 7, width: 5 },
    [
      { kind: 'flatten' },
      { kind: 'linear', outputs: 50, binary: true },
      ...norm,
      { kind: 'linear', outputs: 10 },
    ],
  ],
  [
    'colour images without a convolution',
    colour,
    [{ kind: 'flatten' }, { kind: 'linear', outputs: 7, binary: true }],
  ],
  [
    'steps that could not be fused',
    { channels: 3, height: 9, width: 11 },
    [
      { kind: 'batchNorm' },
      { kind: 'convolution', outputs: 9, kernel: 3, padding: 2, stride: 2 },
      ...norm,
      { kind: 'maxPool', size: 3, stride: 1 },
      { kind: 'convolution', outputs: 5, kernel: 1, padding: 1, binary: true },
      { kind: 'relu' },
      { kind: 'flatten' },
      { kind: 'batchNorm' },
      { kind: 'linear', outputs: 4 },
      { kind: 'batchNorm' },
    ],
  ],
  [
    'overlapping pools and a convolution behind the flatten',
    { channels: 2, height: 8, width: 8 },
    [
      { kind: 'convolution', outputs: 6, kernel: 3, binary: true },
      { kind: 'maxPool', size: 3, stride: 2 },
      ...norm,
      { kind: 'flatten' },
      { kind: 'convolution', outputs: 8, kernel: 3, padding: 1 },
      { kind: 'relu' },
      { kind: 'linear', outputs: 3, binary: true },
    ],
  ],
  [
    'classes that are pixels',
    { channels: 2, height: 4, width: 4 },
    [
      { kind: 'convolution', outputs: 3, kernel: 3 },
      { kind: 'maxPool', size: 2, stride: 1 },
      { kind: 'flatten' },
    ],
  ],
];

async function runOnDevice(model: Model, images: Uint8Array, batchSize: number, batches: number) {
  const network = await prepareNetwork(context, cache, model, 'fp32', batchSize);
  try {
    return await network.run(images, batches);
  } finally {
    network.dispose();
  }
}

describe('a network on the device gives the logits of the reference', () => {
  it.each(networks)('%s', async (_, shape, sketches) => {
    const model = randomModel(random, shape, sketches);
    for (const [batchSize, batches] of [
      [1, 3],
      [4, 2],
      [17, 1],
    ] as const) {
      const count = batchSize * batches;
      const images = randomImages(random, shape, count);
      const { logits, endToEndMs, deviceMs } = await runOnDevice(model, images, batchSize, batches);
      expect(relativeDifference(logits, runPlan(lower(model), images, count))).toBeLessThan(2e-6);
      expect(endToEndMs).toHaveLength(batches);
      expect(deviceMs === null || deviceMs.length === batches).toBe(true);
    }
  });

  it('at each call anew', async () => {
    const model = randomModel(random, colour, paper);
    const network = await prepareNetwork(context, cache, model, 'fp32', 3);
    const images = randomImages(random, colour, 6);
    const first = await network.run(images, 2);
    const second = await network.run(images.subarray(images.length / 2), 1);
    expect(second.logits).toEqual(first.logits.subarray(30));
    await expect(network.run(images, 3)).rejects.toThrow(RangeError);
    network.dispose();
  });
});

describe('preparing a network', () => {
  const model = randomModel(random, colour, paper);
  const images = randomImages(random, colour, 2);

  it('names kernels and times', async () => {
    const network = await prepareNetwork(context, cache, model, 'fp32', 2);
    expect(network.kernels).toMatchObject({
      variant: 'portable fp32',
      sourceSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      buildOptions: expect.stringContaining('-DBINARY=1'),
    });
    expect(network.buildMs).toBeGreaterThan(0);
    expect(network.loadMs).toBeGreaterThan(0);
    network.dispose();
  });

  it('stores programs and takes none that is damaged', async () => {
    const expected = runPlan(lower(model), images, 2);
    const entries = readdirSync(folder);
    expect(entries.length).toBeGreaterThan(3);
    for (const entry of entries) writeFileSync(join(folder, entry), 'damaged');
    const { logits } = await runOnDevice(model, images, 2, 1);
    expect(relativeDifference(logits, expected)).toBeLessThan(2e-6);
    expect(readdirSync(folder)).toEqual(entries);
  });

  it('gives the one reason why no kernels can, once', async () => {
    const none: Model = { ...model, mode: 'none' };
    await expect(prepareNetwork(context, cache, none, 'a4', 2)).rejects.toMatchObject({
      kind: 'unsupported',
      message: `${none.id} cannot run at a4 here: the weights of a model of mode none are not one bit each`,
    });
  });

  it('gives everything back, also where it fails', async () => {
    const held = liveHandles();
    await runOnDevice(model, images, 2, 1);
    expect(liveHandles()).toEqual(held);
    const broken = { ...model, tensors: new Map() };
    await expect(runOnDevice(broken, images, 2, 1)).rejects.toMatchObject({ kind: 'refused-file' });
    await expect(prepareNetwork(context, cache, model, 'fp16', 2)).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('not in fp16'),
    });
    await expect(prepareNetwork(context, cache, model, 'fp32', 1 << 30)).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('a batch of 1073741824 needs'),
    });
    expect(liveHandles()).toEqual(held);
  });
});

describe('the provider', () => {
  it('opens a device by the id that it lists', async () => {
    const held = liveHandles();
    const listed = await openClProvider.list();
    const { name } = testDevice().info;
    const info = listed.find((device) => device.name === name.trim());
    const device = await openClProvider.open(info?.id ?? '');
    expect(device.info).toEqual(info);
    device.close();
    expect(liveHandles()).toEqual(held);
  });

  it('names the devices that are there where one is not', async () => {
    await expect(openClProvider.open('opencl:none:none')).rejects.toMatchObject({
      kind: 'unknown-name',
      where: 'opencl:none:none',
      remedy: expect.stringContaining('Devices here: opencl:'),
    });
  });
});

it('times each command, whose sum is no longer than the whole, and answers the same without its clock', async () => {
  const model = randomModel(random, colour, paper);
  const network = await prepareNetwork(context, cache, model, 'fp32', 2);
  try {
    const images = randomImages(random, colour, 2);
    const { logits } = await network.run(images, 1);
    const unprofiled = await network.runUnprofiled!(images, 1);
    expect(unprofiled.logits).toEqual(logits);
    expect(unprofiled.deviceMs).toBeNull();

    const times = await network.runByCommand!(images, 4);
    const { commands, commandMs, deviceMs } = times;
    expect([commands[0]?.kind, commands.at(-1)?.kind]).toEqual(['upload', 'download']);
    expect(commandMs).toHaveLength(4 * commands.length);
    for (let batch = 0; batch < 4; batch++) {
      const row = commandMs.subarray(batch * commands.length, (batch + 1) * commands.length);
      const kernels = row.filter((_, i) => commands[i]?.kind === 'kernel').reduce((sum, ms) => sum + ms, 0);
      // The queue is in order: kernels do not overlap.
      expect(kernels).toBeLessThanOrEqual(deviceMs[batch]! * (1 + 1e-9));
    }
    const { wholeMs, kernelSumMs, steps } = summarizeLayers(times);
    expect(steps).toHaveLength(commands.length);
    expect(kernelSumMs).toBeGreaterThan(0);
    expect(wholeMs).toBeGreaterThan(0);
  } finally {
    network.dispose();
  }
});
