/**
 * An integer plan as the kernels see it: convolutions only. A linear layer is a convolution whose kernel
 * covers its whole input, so that the flatten before it moves nothing.
 */
import { WorkbenchError } from '../../../../core/errors';
import type { BinaryTensor } from '../../../../core/network/model';
import type { IntegerPlan, Requantization } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { Shape } from '../../../../core/network/topology';

export interface IntegerLayer {
  name: string;
  input: Shape;
  /** Before the pool. */
  convolved: Shape;
  output: Shape;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padding: number;
  pool: { size: number; stride: number } | null;
  /** +1 or -1, [outputs][inputs][kernelHeight][kernelWidth] */
  signs: Int8Array;
  requantization: Requantization;
  /** The inputs are the integers of the input's bytes, not 0 .. top. */
  signed: boolean;
  /** The channel of the model that each output is; left out where they stand as in the model. */
  order?: readonly number[];
}

/**
 * A pool behind a ReLU is moved in front of the multiplier, as in a layer that pools its sums: the two commute
 * where the multiplier is not negative, and a channel where it is gets its signs and its multiplier negated.
 * @throws WorkbenchError `unsupported` where pools stand in a row
 */
export function integerLayers(plan: IntegerPlan): IntegerLayer[] {
  const layers: IntegerLayer[] = [];
  let input = plan.input;
  for (const step of plan.steps) {
    const before = layers.at(-1);
    if (step.kind === 'pool') {
      if (!before || before.pool) {
        throw new WorkbenchError('unsupported', `Integer kernels have no two pools in a row: ${step.name}`, {
          where: step.name,
          remedy: 'Use fp32',
        });
      }
      const pool = { size: step.size, stride: step.stride };
      layers[layers.length - 1] = { ...withoutNegative(before), pool, output: step.output };
    } else {
      const signs = unpackSigns(step.weights);
      const flat = { channels: step.kind === 'linear' ? step.outputs : 0, height: 1, width: 1 };
      const cover = {
        kernelHeight: input.height,
        kernelWidth: input.width,
        stride: 1,
        padding: 0,
        pool: null,
      };
      const { name, requantization } = step;
      const signed = layers.length === 0;
      layers.push(
        step.kind === 'convolution'
          ? { ...step, signs, signed }
          : { name, input, convolved: flat, output: flat, ...cover, signs, requantization, signed },
      );
    }
    input = layers[layers.length - 1]!.output;
  }
  return layers;
}

function withoutNegative(layer: IntegerLayer): IntegerLayer {
  const { multiplier, addend, shift } = layer.requantization;
  const rowLength = layer.signs.length / multiplier.length;
  return {
    ...layer,
    signs: layer.signs.map((sign, i) => (multiplier[Math.floor(i / rowLength)]! < 0 ? -sign : sign)),
    requantization: { multiplier: multiplier.map(Math.abs), addend, shift },
  };
}

/** Bytes of one window of the first layer, as `integerPatches.cl` lays them out. */
export function patchLength(layer: IntegerLayer): number {
  return layer.kernelHeight * layer.kernelWidth * layer.input.channels;
}

/**
 * The byte of the integer 0 behind `integerPatches.cl`: the least integer of the input becomes 0, for it is that of a
 * black background, and look-up skips zeros.
 */
export function zeroByte({ inputTable }: IntegerPlan): number {
  return -inputTable.reduce((least, integer) => Math.min(least, integer), 0);
}

/** The first layer behind `integerPatches.cl`: a 1 x 1 convolution over windows, [ky][kx][c], of integers + `zero`. */
export function overPatches(layer: IntegerLayer, zero: number): IntegerLayer {
  const { convolved, signs, requantization } = layer;
  const taps = layer.kernelHeight * layer.kernelWidth;
  const length = patchLength(layer);
  const reordered = new Int8Array(signs.length);
  const addend = Int32Array.from(requantization.addend);
  for (let o = 0; o < convolved.channels; o++) {
    let sum = 0;
    for (let c = 0; c < layer.input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        const sign = signs[o * length + c * taps + tap]!;
        reordered[o * length + tap * layer.input.channels + c] = sign;
        sum += sign;
      }
    // Int32Array takes the value modulo 2^32, as the kernels do.
    addend[o] = addend[o]! - Math.imul(zero * sum, requantization.multiplier[o]!);
  }
  return {
    ...layer,
    input: { channels: length, height: convolved.height, width: convolved.width },
    ...{ kernelHeight: 1, kernelWidth: 1, stride: 1, padding: 0 },
    signs: reordered,
    requantization: { ...requantization, addend },
  };
}

/** Multiply-adds of one image. */
export function multiplyAdds(layer: IntegerLayer): number {
  return (layer.signs.length / layer.convolved.channels) * elements(layer.convolved);
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function unpackSigns({ shape, bits }: BinaryTensor): Int8Array {
  const rowLength = shape.slice(1).reduce((product, size) => product * size, 1);
  const rowBytes = Math.ceil(rowLength / 8);
  const signs = new Int8Array(shape[0]! * rowLength);
  for (let row = 0, i = 0; row < shape[0]!; row++)
    for (let k = 0; k < rowLength; k++, i++)
      signs[i] = (bits[row * rowBytes + (k >> 3)]! >> (k & 7)) & 1 ? 1 : -1;
  return signs;
}
