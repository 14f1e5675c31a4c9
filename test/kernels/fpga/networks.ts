/** Networks of every kind of layer that the FPGA kernels have, with random weights and random foldings. */
import { type Folding, layerGeometries, possiblePe, possibleSimd } from '../../../core/fpga/folding';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { type IntegerPlan, quantize } from '../../../core/network/quantization';
import type { Shape } from '../../../core/network/topology';
import type { Random } from '../../../core/statistics/random';
import { type LayerSketch, randomModel } from '../../core/network/randomModel';

const norm = [{ kind: 'batchNorm' }, { kind: 'relu' }] as const;
const pool = { kind: 'maxPool', size: 2 } as const;
const flatten = { kind: 'flatten' } as const;

const convolution = (outputs: number, kernel: number, padding: number, stride = 1): LayerSketch => ({
  ...{ kind: 'convolution', outputs, kernel, padding, stride, binary: true },
});
const linear = (outputs: number): LayerSketch => ({ kind: 'linear', outputs, binary: true });

export interface Case {
  name: string;
  input: Shape;
  layers: LayerSketch[];
}

export const cases: Case[] = [
  {
    name: 'linear layers',
    input: { channels: 1, height: 7, width: 6 },
    layers: [flatten, linear(30), ...norm, linear(100), ...norm],
  },
  {
    name: 'a linear layer over three channels',
    input: { channels: 3, height: 4, width: 5 },
    layers: [flatten, linear(24), ...norm],
  },
  {
    name: 'convolutions with padding, and pools',
    input: { channels: 3, height: 8, width: 6 },
    layers: [
      ...[convolution(12, 3, 1), ...norm, convolution(8, 3, 1), pool, ...norm],
      ...[convolution(16, 3, 1), ...norm, pool, flatten, linear(20), ...norm],
    ],
  },
  {
    name: 'lanes of more than 64 channels, and a convolution at the end',
    input: { channels: 2, height: 3, width: 4 },
    layers: [convolution(130, 3, 1), ...norm, convolution(66, 3, 0), ...norm, flatten],
  },
  {
    name: 'other kernels, a stride, and a pool that leaves a rest',
    input: { channels: 2, height: 13, width: 11 },
    layers: [
      ...[convolution(6, 5, 2, 2), ...norm, convolution(10, 1, 0), ...norm],
      ...[convolution(9, 2, 0), pool, ...norm, convolution(4, 3, 1), ...norm, flatten],
    ],
  },
];

/** Steps that spread the activations over 0 .. top. */
export function randomNetwork(
  random: Random,
  { input, layers }: Case,
  bits: number,
): { model: Model; plan: IntegerPlan } {
  const model = randomModel(random, input, [...layers, { kind: 'linear', outputs: 7 }]);
  const plan = lower(model);
  const hidden = plan.steps.filter(({ kind }) => kind !== 'pool').length - 1;
  return { model, plan: quantize(plan, bits, Array(hidden).fill(3 / 2 ** bits)) };
}

/** Products a cycle: all are unrolled, which a compiler takes its time for. */
const MOST_PRODUCTS = 400;

/** Any that the network can have; widths of neighbours rarely fit. A third of the layers streams its weights. */
export function randomFolding(random: Random, { topology }: Model, channelDepth: number): Folding {
  const one = (values: number[]) => values[random.below(values.length)]!;
  return {
    layers: layerGeometries(topology).map((layer) => {
      const simd = one(possibleSimd(layer));
      const pe = one(possiblePe(layer).filter((outputs) => outputs === 1 || outputs * simd <= MOST_PRODUCTS));
      const weights = random.below(3) === 0 ? ('streamed' as const) : undefined;
      return { name: layer.name, pe, simd, channelDepth, ...(weights ? { weights } : {}) };
    }),
  };
}
