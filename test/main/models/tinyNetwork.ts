/** A small network of every kind of layer: 1 x 4 x 4 images, convolution, pool, batch norm, ReLU, two linear layers. */
import type { Random } from '../../../core/statistics/random';
import { plainFile } from './safetensorsAssembler';

export const DESCRIPTION = {
  id: 'tiny',
  classes: 2,
  dataset: 'mnist',
  input: { channels: 1, height: 4, width: 4 },
  normalization: { mean: [0.5], deviation: [0.5] },
  layers: [
    {
      ...{ kind: 'convolution', name: 'conv', inputs: 1, outputs: 3, binary: true, bias: false },
      ...{ kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 1 },
    },
    { kind: 'maxPool', size: 2, stride: 2 },
    { kind: 'batchNorm', name: 'bn', channels: 3, epsilon: 1e-5, affine: false },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: 'hidden', inputs: 12, outputs: 5, binary: true },
    { kind: 'linear', name: 'out', inputs: 5, outputs: 2, binary: false },
  ],
};

export type TinyTensors = Record<string, { shape: number[]; values: Float32Array }>;

/** Its tensors as a file holds them, binarized weights as +1 and -1. */
export function tinyTensors(random: Random): TinyTensors {
  const fill = (shape: number[], value: () => number) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return { shape, values: Float32Array.from({ length: count }, value) };
  };
  const sign = () => (random.unit() < 0.5 ? -1 : 1);
  const real = () => random.unit() - 0.5;
  return {
    'conv.weight': fill([3, 1, 3, 3], sign),
    'bn.running_mean': fill([3], real),
    'bn.running_var': fill([3], () => random.unit() + 0.5),
    'hidden.weight': fill([5, 12], sign),
    'hidden.bias': fill([5], real),
    'out.weight': fill([2, 5], real),
    'out.bias': fill([2], real),
  };
}

export function tinyFile(tensors: TinyTensors): Uint8Array {
  return plainFile(tensors);
}
