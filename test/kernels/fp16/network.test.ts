import { afterAll, describe, expect, it } from 'vitest';
import { lower } from '../../../core/network/lowering';
import { runPlan } from '../../../core/network/reference';
import { elements } from '../../../core/network/shapes';
import type { Shape } from '../../../core/network/topology';
import { chainOf, networkLaunches, type Target } from '../../../main/devices/opencl/fp16/launches';
import { prepareLaunches } from '../../../main/devices/opencl/fp16/network';
import type { Instruction } from '../../../main/devices/opencl/nvidia/architecture';
import { liveHandles, platforms } from '../../../native';
import {
  type LayerSketch,
  randomImages,
  randomModel,
  relativeDifference,
} from '../../core/network/randomModel';
import { testRandom } from '../../random';
import { openWorkshop } from '../cpu/workshop';

const random = testRandom('networks on halves');
const norm = [{ kind: 'batchNorm' }, { kind: 'relu' }] as const;
const pool = { kind: 'maxPool', size: 2 } as const;
const flatten = { kind: 'flatten' } as const;
const convolution = (outputs: number, kernel: number, padding: number, stride = 1): LayerSketch => ({
  ...{ kind: 'convolution', outputs, kernel, padding, stride },
});

interface Case {
  name: string;
  input: Shape;
  layers: LayerSketch[];
}

const cases: Case[] = [
  {
    name: 'a linear layer alone',
    input: { channels: 3, height: 5, width: 7 },
    layers: [flatten],
  },
  {
    name: 'linear layers, sizes that fill no stage, with one-bit weights too',
    input: { channels: 1, height: 7, width: 5 },
    layers: [
      ...[flatten, { kind: 'linear', outputs: 37 } as const, ...norm],
      ...[{ kind: 'linear', outputs: 530, binary: true } as const, ...norm],
    ],
  },
  {
    name: 'convolutions with pools, and linear layers',
    input: { channels: 3, height: 16, width: 16 },
    layers: [
      ...[convolution(33, 3, 1), ...norm, convolution(100, 3, 1), pool, ...norm],
      ...[convolution(64, 3, 1), pool, ...norm, flatten, { kind: 'linear', outputs: 50 } as const, ...norm],
    ],
  },
  {
    name: 'sizes that fill no tile, other kernels, a layer without ReLU',
    input: { channels: 2, height: 27, width: 23 },
    layers: [
      ...[convolution(20, 5, 2), pool, ...norm, convolution(70, 1, 0)],
      ...[convolution(31, 2, 1), ...norm, convolution(9, 3, 0), pool, ...norm, flatten],
    ],
  },
];

const device = platforms()
  .find(({ info }) => info.name === 'NVIDIA CUDA')
  ?.devices()[0];

it.each<[string, Shape, LayerSketch[]]>([
  ['layer0 has a stride', { channels: 1, height: 8, width: 8 }, [convolution(8, 3, 1, 2), flatten]],
  [
    'layer0 has a pool that is not 2 x 2',
    { channels: 1, height: 9, width: 9 },
    [convolution(8, 3, 1), { kind: 'maxPool', size: 3 }, flatten],
  ],
  ['layer0 has too large a kernel', { channels: 1, height: 16, width: 16 }, [convolution(8, 9, 4), flatten]],
  [
    'maxPool (layer 1) stands apart from a layer with weights',
    { channels: 1, height: 8, width: 8 },
    [pool, flatten],
  ],
])('refuses: %s', (reason, input, layers) => {
  const plan = lower(randomModel(random, input, [...layers, { kind: 'linear', outputs: 7 }]));
  expect(chainOf(plan)).toBe(reason);
});

describe.skipIf(!device)('networks on halves on an NVIDIA GPU', () => {
  const workshop = device && openWorkshop(device);
  afterAll(() => {
    workshop?.close();
    expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  });

  const sizes: [Instruction, number][] = [
    ['mma.sync', 1],
    ['mma.sync', 67],
    ['wgmma', 5],
    ['wgmma', 300],
  ];
  it.each(cases.flatMap((example) => sizes.map((size) => [example.name, ...size, example] as const)))(
    '%s, %s, batch %i: the logits of the reference',
    async (_, instruction, count, { input, layers }) => {
      const plan = lower(randomModel(random, input, [...layers, { kind: 'linear', outputs: 7 }]));
      const chain = chainOf(plan);
      if (typeof chain === 'string') throw new Error(chain);
      const target: Target = { instruction, batchSize: count, computeUnits: device!.info.computeUnits };
      const launches = networkLaunches(plan, chain, target);
      const network = await prepareLaunches(workshop!, launches, instruction, count * elements(input));
      const images = randomImages(random, input, count);
      workshop!.queue.write(network.input, images);
      await workshop!.queue.run([...network.commands], { repeats: 2, wait: 'end' });
      const logits = new Float32Array(count * plan.classes);
      workshop!.queue.read(network.logits, new Uint8Array(logits.buffer));
      network.release();
      // The first images and the last ones: the reference is slow.
      const some = Math.min(count, 8);
      for (const begin of [0, count - some]) {
        const part = images.subarray(begin * elements(input), (begin + some) * elements(input));
        const actual = logits.subarray(begin * plan.classes, (begin + some) * plan.classes);
        expect(relativeDifference(actual, runPlan(plan, part, some))).toBeLessThan(4e-3);
      }
    },
  );
});
