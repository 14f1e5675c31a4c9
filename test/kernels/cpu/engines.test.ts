import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lower } from '../../../core/network/lowering';
import { type IntegerPlan, quantize } from '../../../core/network/quantization';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import type { Shape } from '../../../core/network/topology';
import { lookupEngine } from '../../../main/devices/opencl/cpu/lookup';
import { multiplyAddEngine } from '../../../main/devices/opencl/cpu/multiplyAdd';
import { permuteEngine } from '../../../main/devices/opencl/cpu/permute';
import { compilesAssembly, type Processor, processorOf } from '../../../main/devices/opencl/cpu/processor';
import { tilesEngine } from '../../../main/devices/opencl/cpu/tiles';
import { inOrder } from '../../../main/devices/opencl/integer/channelOrder';
import type { Engine } from '../../../main/devices/opencl/integer/engine';
import { integerLayers } from '../../../main/devices/opencl/integer/layers';
import { type IntegerNetwork, prepareNetwork } from '../../../main/devices/opencl/integer/network';
import { portableEngine } from '../../../main/devices/opencl/integer/portable';
import { liveHandles } from '../../../native';
import { type LayerSketch, randomImages, randomModel } from '../../core/network/randomModel';
import { testDevice } from '../../openclDevice';
import { testRandom } from '../../random';
import { openWorkshop } from './workshop';

const random = testRandom('cpu engines');
const norm = [{ kind: 'batchNorm' }, { kind: 'relu' }] as const;

interface Case {
  name: string;
  input: Shape;
  layers: LayerSketch[];
}

const convolution = (outputs: number, kernel: number, padding: number, stride = 1): LayerSketch => ({
  ...{ kind: 'convolution', outputs, kernel, padding, stride, binary: true },
});
const linear = (outputs: number): LayerSketch => ({ kind: 'linear', outputs, binary: true });

const cases: Case[] = [
  {
    name: 'linear layers, sizes that fill no vector',
    input: { channels: 1, height: 7, width: 5 },
    layers: [{ kind: 'flatten' }, linear(37), ...norm, linear(130), ...norm, linear(65), ...norm],
  },
  {
    name: 'linear layers on many bytes',
    input: { channels: 2, height: 10, width: 10 },
    layers: [{ kind: 'flatten' }, linear(140), ...norm, linear(33), ...norm],
  },
  {
    name: 'convolutions with padding and pools',
    input: { channels: 3, height: 12, width: 12 },
    layers: [
      ...[
        convolution(33, 3, 1),
        ...norm,
        convolution(70, 3, 1),
        { kind: 'maxPool', size: 2 } as const,
        ...norm,
      ],
      ...[
        convolution(64, 3, 1),
        { kind: 'maxPool', size: 2 } as const,
        ...norm,
        { kind: 'flatten' } as const,
      ],
      ...[linear(50), ...norm],
    ],
  },
  {
    name: 'odd sizes, stride 2, 5 x 5 kernels, a 3 x 3 pool that overlaps',
    input: { channels: 2, height: 15, width: 13 },
    layers: [
      ...[convolution(20, 5, 2), { kind: 'maxPool', size: 3, stride: 2 } as const, ...norm],
      ...[convolution(40, 3, 0, 2), ...norm, convolution(31, 1, 0), ...norm, { kind: 'flatten' } as const],
    ],
  },
  {
    name: 'pools behind the ReLU',
    input: { channels: 1, height: 9, width: 10 },
    layers: [
      ...[convolution(24, 3, 1), ...norm, { kind: 'maxPool', size: 2 } as const],
      ...[convolution(17, 3, 1), ...norm, { kind: 'maxPool', size: 2, stride: 1 } as const],
      ...[{ kind: 'flatten' } as const, linear(20), ...norm],
    ],
  },
  {
    name: 'rows whose lists would not fit the local memory, which ends the process under PoCL',
    input: { channels: 2, height: 3, width: 96 },
    layers: [convolution(512, 3, 1), ...norm, convolution(16, 3, 1), ...norm, { kind: 'flatten' }],
  },
  {
    name: 'images of one pixel',
    input: { channels: 5, height: 1, width: 1 },
    layers: [convolution(9, 3, 1), ...norm, convolution(12, 3, 1), ...norm, { kind: 'flatten' }],
  },
];

/** Steps that spread the activations over 0 .. top. */
function integerPlan({ input, layers }: Case, bits: number): IntegerPlan {
  const plan = lower(randomModel(random, input, [...layers, { kind: 'linear', outputs: 4 }]));
  const hidden = plan.steps.filter(({ kind }) => kind !== 'pool').length - 1;
  return quantize(plan, bits, Array(hidden).fill(3 / 2 ** bits));
}

describe('CPU engines', () => {
  const workshop = openWorkshop(testDevice());
  let processor: Processor = {
    avx2: false,
    avx512: false,
    avx512Vnni: false,
    avx512Vbmi: false,
    amxInt8: false,
  };
  beforeAll(async () => {
    if (compilesAssembly(workshop.context.device)) processor = await processorOf(workshop);
    const untried = engines().filter(({ runs }) => !runs);
    for (const { engine } of untried) console.log(`not tried on this processor: ${engine.name}`);
  });
  afterAll(() => {
    workshop.close();
    expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  });

  async function run(network: IntegerNetwork, images: Uint8Array, count: number, classes: number) {
    workshop.queue.write(network.input, images);
    await workshop.queue.run([...network.commands], { repeats: 1 });
    const logits = new Float32Array(count * classes);
    workshop.queue.read(network.logits, new Uint8Array(logits.buffer));
    const activations = network.activations.map(({ buffer, decode }) => {
      const bytes = new Uint8Array(buffer.bytes);
      workshop.queue.read(buffer, bytes);
      return decode(bytes, count);
    });
    return { activations, logits };
  }

  function engines(): { engine: Engine; runs: boolean }[] {
    const { avx2, avx512, avx512Vnni, avx512Vbmi, amxInt8 } = processor;
    return [
      { engine: portableEngine, runs: true },
      { engine: multiplyAddEngine({ vectorBytes: 32, vnni: false }), runs: avx2 },
      { engine: multiplyAddEngine({ vectorBytes: 64, vnni: false }), runs: avx512 },
      { engine: multiplyAddEngine({ vectorBytes: 64, vnni: true }), runs: avx512Vnni },
      { engine: lookupEngine({ vectorBytes: 32, vnni: false, workItems: 1 }), runs: avx2 },
      { engine: lookupEngine({ vectorBytes: 64, vnni: false, workItems: 64 }), runs: avx512 },
      { engine: permuteEngine({ vnni: false, workItems: 1 }), runs: avx512Vbmi },
      { engine: permuteEngine({ vnni: avx512Vnni, workItems: 64 }), runs: avx512Vbmi },
      { engine: tilesEngine({ outputsOutside: true, units: 4 }), runs: amxInt8 },
      { engine: tilesEngine({ outputsOutside: false, units: 1000 }), runs: amxInt8 },
    ];
  }

  async function check(plan: IntegerPlan, engine: Engine, count: number) {
    const plain = integerLayers(plan);
    const orders = plain.map(({ output }) => random.shuffle([...Array(output.channels).keys()]));
    const ordered = inOrder(plan, plain, random.below(2) === 0 ? orders : undefined);
    const images = randomImages(random, plan.input, count);
    const reference = runIntegerPlan(plan, images, count);
    // A pool behind a layer is part of it in the kernels.
    const expected = reference.activations.filter((_, i) => plan.steps[i + 1]?.kind !== 'pool');
    const network = await prepareNetwork(workshop, ordered.plan, ordered.layers, engine, count);
    const actual = await run(network, images, count, plan.last.classes);
    network.release();
    expect(actual.activations.length).toBe(expected.length);
    actual.activations.forEach((activation, i) => {
      const where = activation.findIndex((value, k) => value !== expected[i]![k]);
      expect(where, `${engine.name}, a${plan.bits}, batch ${count}, layer ${i}`).toBe(-1);
    });
    actual.logits.forEach((logit, i) => {
      const expected = reference.logits[i]!;
      expect(Math.abs(logit - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
    });
    return expected;
  }

  const sizes = [
    { bits: 8, count: 19 },
    { bits: 4, count: 1 },
    { bits: 2, count: 3 },
  ];

  it.each(cases)('$name: every engine gives the activations of the reference', async (example) => {
    const plans = sizes.map(({ bits }) => integerPlan(example, bits));
    for (const [index, { engine }] of engines()
      .filter(({ runs }) => runs)
      .entries()) {
      // One size an engine and case: over the cases each engine meets all of them.
      const size = (index + cases.indexOf(example)) % sizes.length;
      await check(plans[size]!, engine, sizes[size]!.count);
    }
  });

  it.each([
    ['too few layers', [[1, 0, 2]]],
    [
      'a channel twice',
      [
        [1, 0, 1],
        [0, 1],
      ],
    ],
    [
      'a channel too many',
      [
        [1, 0, 2, 3],
        [0, 1],
      ],
    ],
  ])('refuses an order of channels with %s', (_, orders) => {
    const layers: LayerSketch[] = [{ kind: 'flatten' }, linear(3), ...norm, linear(2), ...norm];
    const plan = integerPlan({ name: '', input: { channels: 1, height: 2, width: 2 }, layers }, 4);
    expect(() => inOrder(plan, integerLayers(plan), orders)).toThrow(/order of channels/);
  });

  it.each([0, 15])('activations that are all %d, in windows whose sum passes 16 bits', async (value) => {
    const plan = integerPlan(
      {
        name: 'constant',
        input: { channels: 1, height: 3, width: 3 },
        layers: [convolution(512, 1, 0), ...norm, convolution(64, 3, 1), ...norm, { kind: 'flatten' }],
      },
      4,
    );
    const [first, second] = plan.steps;
    if (first?.kind !== 'convolution' || second?.kind !== 'convolution') throw new Error('no convolutions');
    // Half of the outputs add all activations up: 4608 x 15 in the middle.
    second.weights.bits.fill(0xff, 0, second.weights.bits.length / 2);
    first.requantization = {
      multiplier: new Int32Array(512),
      addend: new Int32Array(512).fill(value),
      shift: 0,
    };
    for (const { engine } of engines().filter(({ runs }) => runs)) {
      const [activation] = await check(plan, engine, 1);
      expect(new Set(activation)).toEqual(new Set([value]));
    }
  });
});
