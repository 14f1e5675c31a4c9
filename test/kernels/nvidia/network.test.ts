import { afterAll, describe, expect, it } from 'vitest';
import { lower } from '../../../core/network/lowering';
import { type IntegerPlan, quantize } from '../../../core/network/quantization';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import type { Shape } from '../../../core/network/topology';
import { integerLayers } from '../../../main/devices/opencl/integer/layers';
import type { Instruction } from '../../../main/devices/opencl/nvidia/architecture';
import { layersRefusal } from '../../../main/devices/opencl/nvidia/layers';
import { type NvidiaNetwork, prepareNvidia, type Variant } from '../../../main/devices/opencl/nvidia/network';
import type { Entry } from '../../../main/devices/opencl/nvidia/source';
import { liveHandles, platforms } from '../../../native';
import { type LayerSketch, randomImages, randomModel } from '../../core/network/randomModel';
import { testRandom } from '../../random';
import { openWorkshop } from '../cpu/workshop';

const random = testRandom('NVIDIA networks');
const norm = [{ kind: 'batchNorm' }, { kind: 'relu' }] as const;
const pool = { kind: 'maxPool', size: 2 } as const;
const flatten = { kind: 'flatten' } as const;

const convolution = (outputs: number, kernel: number, padding: number, stride = 1): LayerSketch => ({
  ...{ kind: 'convolution', outputs, kernel, padding, stride, binary: true },
});
const linear = (outputs: number): LayerSketch => ({ kind: 'linear', outputs, binary: true });

interface Case {
  name: string;
  input: Shape;
  layers: LayerSketch[];
}

const cases: Case[] = [
  {
    name: 'linear layers, sizes that fill no quad',
    input: { channels: 1, height: 7, width: 5 },
    layers: [flatten, linear(37), ...norm, linear(530), ...norm, linear(65), ...norm],
  },
  {
    name: 'linear layers over three channels',
    input: { channels: 3, height: 9, width: 9 },
    layers: [flatten, linear(700), ...norm, linear(128), ...norm],
  },
  {
    name: 'convolutions of one and two chunks, with pools',
    input: { channels: 3, height: 16, width: 16 },
    layers: [
      ...[convolution(33, 3, 1), ...norm, convolution(200, 3, 1), pool, ...norm],
      ...[convolution(64, 3, 1), pool, ...norm, flatten, linear(50), ...norm],
    ],
  },
  {
    name: 'three and four chunks',
    input: { channels: 2, height: 8, width: 8 },
    layers: [
      ...[convolution(300, 3, 1), ...norm, convolution(400, 3, 1), ...norm],
      ...[convolution(128, 3, 1), pool, ...norm, flatten],
    ],
  },
  {
    name: 'sizes that fill no tile, other kernels, a first layer with a stride and a pool',
    input: { channels: 2, height: 27, width: 23 },
    layers: [
      ...[convolution(20, 5, 2, 2), pool, ...norm, convolution(140, 1, 0), ...norm],
      ...[convolution(31, 2, 1), ...norm, convolution(90, 3, 0), pool, ...norm, flatten],
    ],
  },
  {
    name: 'a first layer of four channels, as wide as a cell may be, with a stride and a pool',
    input: { channels: 4, height: 21, width: 19 },
    layers: [convolution(140, 4, 2, 2), pool, ...norm, convolution(60, 3, 1), ...norm, flatten],
  },
];

/** Steps that spread the activations over 0 .. top. */
function integerPlan({ input, layers }: Case, bits: number): IntegerPlan {
  const plan = lower(randomModel(random, input, [...layers, { kind: 'linear', outputs: 7 }]));
  const hidden = plan.steps.filter(({ kind }) => kind !== 'pool').length - 1;
  return quantize(plan, bits, Array(hidden).fill(3 / 2 ** bits));
}

const device = platforms()
  .find(({ info }) => info.name === 'NVIDIA CUDA')
  ?.devices()[0];

describe.skipIf(!device)('networks on an NVIDIA GPU', () => {
  const workshop = device && openWorkshop(device);
  afterAll(() => {
    workshop?.close();
    expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  });

  async function run(network: NvidiaNetwork, images: Uint8Array, count: number, classes: number) {
    const { queue } = workshop!;
    queue.write(network.input, images);
    await queue.run([...network.commands], { repeats: 2, wait: 'end' });
    const logits = new Float32Array(count * classes);
    queue.read(network.logits, new Uint8Array(logits.buffer));
    const activations = network.activations.map(({ buffer, offset, bytes, decode }) => {
      const all = new Uint8Array(buffer.bytes);
      queue.read(buffer, all);
      return decode(all.subarray(offset, offset + bytes), count);
    });
    return { activations, logits };
  }

  it.each(cases)('$name: the activations of the reference', async (example) => {
    const variant = (
      instruction: Instruction,
      entry: Entry,
      groupsAUnit: Variant['groupsAUnit'],
    ): Variant => ({ instruction, entry, groupsAUnit });
    const sizes: { bits: number; count: number; variant: Variant }[] = [
      { bits: 4, count: 1, variant: variant('mma.sync', 'one launch', 2) },
      { bits: 4, count: 19, variant: variant('mma.sync', 'a launch a layer', 3) },
      { bits: 3, count: 5, variant: variant('mma.sync', 'one launch', 2) },
      { bits: 4, count: 18, variant: variant('wgmma', 'one launch', 3) },
      { bits: 3, count: 3, variant: variant('wgmma', 'a launch a layer', 2) },
      { bits: 2, count: 17, variant: variant('wgmma', 'one launch', 3) },
      { bits: 4, count: 9, variant: variant('wgmma', 'one launch', 4) },
      { bits: 8, count: 67, variant: variant('wgmma', 'one launch', 3) },
      { bits: 8, count: 5, variant: variant('wgmma', 'one launch', 3) },
      // Enough images that linear layers take 64 of them at once.
      ...(example.layers[0]!.kind === 'flatten'
        ? [{ bits: 4, count: 1750, variant: variant('wgmma', 'one launch', 4) }]
        : []),
    ];
    for (const { bits, count, variant } of sizes) {
      const plan = integerPlan(example, bits);
      const layers = integerLayers(plan);
      const { computeUnits } = device!.info;
      expect(layersRefusal(layers, { bits, batchSize: count, computeUnits, ...variant })).toBe(null);
      const images = randomImages(random, example.input, count);
      const reference = runIntegerPlan(plan, images, count);
      // A pool behind a layer is part of it in the kernels.
      const expected = reference.activations.filter((_, i) => plan.steps[i + 1]?.kind !== 'pool');
      const network = await prepareNvidia(workshop!, plan, layers, count, variant);
      const actual = await run(network, images, count, plan.last.classes);
      network.release();
      expect(actual.activations.length).toBe(expected.length);
      actual.activations.forEach((activation, i) => {
        const where = activation.findIndex((value, k) => value !== expected[i]![k]);
        expect(where, `${network.variant}, batch ${count}, layer ${i}`).toBe(-1);
      });
      actual.logits.forEach((logit, i) => {
        expect(Math.abs(logit - reference.logits[i]!)).toBeLessThan(1e-3);
      });
    }
  });
});
