import { packBinary } from '../../../core/network/binaryWeights';
import type { Model, Tensor } from '../../../core/network/model';
import type { Layer, Shape } from '../../../core/network/topology';
import type { Random } from '../../../core/statistics/random';

/** A layer of a random network: shapes of inputs follow from the layer before. */
export type LayerSketch =
  | { kind: 'linear'; outputs: number; binary?: boolean }
  | {
      kind: 'convolution';
      outputs: number;
      kernel: number;
      stride?: number;
      padding?: number;
      binary?: boolean;
    }
  | { kind: 'maxPool'; size: number; stride?: number }
  | { kind: 'batchNorm' | 'relu' | 'flatten' };

/** A model with random numbers; half of the batch norms' scales are negative, where a pool does not commute. */
export function randomModel(random: Random, input: Shape, sketches: LayerSketch[]): Model {
  const tensors = new Map<string, Tensor>();
  const layers: Layer[] = [];
  let shape = input;
  const real = (name: string, shape: number[], draw: () => number) => {
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { kind: 'real', shape, data: Float32Array.from({ length }, draw) });
  };
  const weights = (name: string, shape: number[], binary: boolean) => {
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    if (binary) tensors.set(name, randomSigns(random, shape, name));
    else real(name, shape, () => random.normal() / Math.sqrt(inputs));
    real(name.replace('weight', 'bias'), [shape[0]!], () => random.normal());
  };
  sketches.forEach((sketch, index) => {
    const name = `layer${index}`;
    switch (sketch.kind) {
      case 'linear': {
        const { outputs, binary = false } = sketch;
        layers.push({ kind: 'linear', name, inputs: shape.channels, outputs, binary });
        weights(`${name}.weight`, [outputs, shape.channels], binary);
        shape = { channels: outputs, height: 1, width: 1 };
        break;
      }
      case 'convolution': {
        const { outputs, kernel, stride = 1, padding = 0, binary = false } = sketch;
        const sizes = { kernelHeight: kernel, kernelWidth: kernel, stride, padding };
        layers.push({ kind: 'convolution', name, inputs: shape.channels, outputs, ...sizes, binary });
        weights(`${name}.weight`, [outputs, shape.channels, kernel, kernel], binary);
        const slide = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
        shape = { channels: outputs, height: slide(shape.height), width: slide(shape.width) };
        break;
      }
      case 'maxPool': {
        const { size, stride = size } = sketch;
        layers.push({ kind: 'maxPool', size, stride });
        const slide = (length: number) => Math.floor((length - size) / stride) + 1;
        shape = { ...shape, height: slide(shape.height), width: slide(shape.width) };
        break;
      }
      case 'batchNorm': {
        const channels = shape.channels;
        layers.push({ kind: 'batchNorm', name, channels, epsilon: 1e-5 });
        real(`${name}.weight`, [channels], () => random.normal());
        real(`${name}.bias`, [channels], () => random.normal());
        real(`${name}.running_mean`, [channels], () => random.normal());
        real(`${name}.running_var`, [channels], () => 0.5 + random.unit());
        break;
      }
      case 'relu':
        layers.push({ kind: 'relu' });
        break;
      case 'flatten':
        layers.push({ kind: 'flatten' });
        shape = { channels: shape.channels * shape.height * shape.width, height: 1, width: 1 };
        break;
    }
  });
  return {
    id: 'random',
    mode: 'deterministic',
    dataset: null,
    topology: {
      id: 'random',
      input,
      normalization: {
        mean: Array.from({ length: input.channels }, () => random.unit()),
        deviation: Array.from({ length: input.channels }, () => 0.2 + random.unit()),
      },
      classes: shape.channels,
      layers,
    },
    tensors,
    origin: { description: 'drawn for a test', sourceFile: 'none', sourceSha256: '0'.repeat(64) },
    calibration: null,
    sha256: '0'.repeat(64),
  };
}

/** A packed tensor of random signs. */
export function randomSigns(random: Random, shape: number[], name: string): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length }, () => (random.below(2) === 1 ? 1 : -1));
  return packBinary({ kind: 'real', shape, data }, name);
}

/** Raw bytes of `count` images. */
export function randomImages(random: Random, { channels, height, width }: Shape, count: number): Uint8Array {
  return Uint8Array.from({ length: count * channels * height * width }, () => random.below(256));
}

/**
 * Largest difference, as a part of the largest expected value (or of 1, where all are smaller); NaN where either
 * holds one, so that no comparison passes.
 */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) throw new Error(`lengths ${actual.length} and ${expected.length}`);
  const difference = actual.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)),
    0,
  );
  return difference / expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
}
