/**
 * The integer arithmetic of the precisions a8, a4, a3 and a2, defined once. Every kernel on every device gives
 * the activations of {@link ./quantizationReference} bit for bit, whatever its batch size or thread count.
 *
 * An activation tensor is a step (a real number) times integers. Activations after a ReLU are unsigned:
 * 0 .. top, top = 2^bits - 1. The input is signed, -128 .. 127: a table gives the integer of each byte of
 * each channel, and a padded zero is the integer 0, which is exactly the network's own zero.
 *
 * A step of the network, real y = scale * D + shift with D the sum over its window, becomes
 *
 *   D = sum of w q               w = +-1, q integers of the input tensor; the maximum over the pool if it has one
 *   y = clamp((D * multiplier[c] + addend[c]) >> shift, 0, top)      >> rounds down; the clamp is the ReLU
 *
 * with multiplier = scale * stepIn / stepOut * 2^shift, rounded, and addend = (shift / stepOut + 1/2) * 2^shift,
 * rounded down: the half makes >> round to the nearest.
 *
 * No int32 can overflow. |q| <= limit (128 for the input, else top), so |D| <= K * limit over K taps; `shift` is
 * the largest number of at most 30 for which, in every channel,
 *
 *   |multiplier| < 2^14   and   K * limit * |multiplier| + |addend| < 2^31.
 *
 * So the product, the sum, and (from a program's view) every partial result are exact in 32 bits.
 *
 * Example: a4, scale 0.02, shift 0.3, stepIn 0.1, stepOut 0.2, K = 9. The multiplier is 0.01 * 2^shift, the
 * addend 2 * 2^shift. The largest shift is 20: 10486 and 2097152 (21 gives a multiplier of 20972). With all
 * activations 15 and all weights +1, D = 135 and y = (1415610 + 2097152) >> 20 = 3. In real numbers:
 * 0.02 * 13.5 + 0.3 = 0.57, and 0.57 / 0.2 = 2.85, rounded 3.
 *
 * The last layer is real: logits = W q + bias with the last step multiplied into W.
 */
import { WorkbenchError } from '../errors';
import type { BinaryTensor, Calibration, Tensor } from './model';
import type { LinearStep, Plan, PoolStep, Step } from './plan';
import { activationBits, type Precision } from './precision';
import type { Normalization, Shape } from './topology';

/** Largest |integer| of an input byte. */
export const INPUT_LIMIT = 128;
const MULTIPLIER_LIMIT = 2 ** 14;
const SUM_LIMIT = 2 ** 31;
const LARGEST_SHIFT = 30;

/** One fixed-point multiply, add and shift for each channel; see the head of the file. */
export interface Requantization {
  /** [outputs] */
  multiplier: Int32Array;
  /** [outputs] */
  addend: Int32Array;
  shift: number;
}

export interface IntegerLinear {
  kind: 'linear';
  name: string;
  inputs: number;
  outputs: number;
  /** [outputs][inputs] */
  weights: BinaryTensor;
  requantization: Requantization;
}

export interface IntegerConvolution {
  kind: 'convolution';
  name: string;
  input: Shape;
  convolved: Shape;
  output: Shape;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padding: number;
  /** [outputs][inputs][kernelHeight][kernelWidth] */
  weights: BinaryTensor;
  pool: { size: number; stride: number } | null;
  requantization: Requantization;
}

/** A maximum over integers is the integer of the maximum: pools need no arithmetic of their own. */
export type IntegerStep = IntegerLinear | IntegerConvolution | PoolStep;

export interface RealLinear {
  name: string;
  inputs: number;
  classes: number;
  /** [classes][inputs], for integer inputs: the last step is multiplied in. */
  weights: Float32Array;
  /** [classes] */
  bias: Float32Array;
}

export interface IntegerPlan {
  bits: number;
  /** 2^bits - 1 */
  top: number;
  input: Shape;
  /** [channels][256]: the integer of each byte. */
  inputTable: Int8Array;
  steps: IntegerStep[];
  last: RealLinear;
}

/**
 * @param steps the step of each activation tensor: one for every linear or convolution step but the last, in
 *   plan order
 * @throws WorkbenchError `unsupported` where the plan cannot run on integers
 */
export function quantize(plan: Plan, bits: number, steps: readonly number[]): IntegerPlan {
  const top = 2 ** bits - 1;
  const hidden = plan.steps.slice(0, -1);
  const input = quantizeInput(plan.normalization);
  let limit = INPUT_LIMIT;
  let stepIn = input.step;
  let used = 0;
  const lowered = hidden.map((step): IntegerStep => {
    if (step.kind === 'pool') {
      if (used === 0) throw cannot(step, 'pools the input');
      return step;
    }
    if (step.kind === 'affine') throw cannot(step, 'scales or clips without a multiplication before it');
    if (!step.relu) throw cannot(step, 'has no ReLU, so its results are not unsigned');
    if (step.weights.kind !== 'binary') throw cannot(step, 'has weights that are not all +1 or -1');
    const stepOut = steps[used++];
    if (stepOut === undefined || !(stepOut > 0 && Number.isFinite(stepOut))) {
      throw new WorkbenchError('refused-file', 'The calibration does not fit the network', {
        where: step.name,
        remedy: 'Calibrate the model again: npx bnnw calibrate',
      });
    }
    const requantization = fixedPoint(step, taps(step.weights) * limit, stepIn, stepOut);
    limit = top;
    stepIn = stepOut;
    const { relu: _relu, scale: _scale, shift: _shift, ...rest } = step;
    return { ...rest, weights: step.weights, requantization };
  });
  if (used !== steps.length) {
    throw new WorkbenchError(
      'refused-file',
      `The calibration has ${steps.length} steps, the network ${used}`,
      {
        remedy: 'Calibrate the model again: npx bnnw calibrate',
      },
    );
  }
  const last = plan.steps.at(-1);
  if (last?.kind !== 'linear' || last.relu || used === 0) {
    throw new WorkbenchError(
      'unsupported',
      'Integer precisions need a hidden layer and a linear one at the end',
      {
        remedy: 'Use fp32',
      },
    );
  }
  return {
    bits,
    top,
    input: plan.input,
    inputTable: input.table,
    steps: lowered,
    last: foldLast(last, stepIn),
  };
}

/** Steps for a precision from a model's calibration. @throws WorkbenchError `not-available` without one */
export function calibratedSteps(
  calibration: Calibration | null,
  precision: Precision,
): { bits: number; steps: number[] } {
  const bits = activationBits(precision);
  if (bits === null) throw new Error(`${precision} is no integer precision`);
  const steps = calibration?.steps[precision];
  if (!steps) {
    throw new WorkbenchError('not-available', `The model has no scales for ${precision}`, {
      remedy: 'Calibrate it on training images: npx bnnw calibrate MODEL. Until then it runs at fp32.',
    });
  }
  return { bits, steps };
}

/** Number of products in one sum. */
export function taps(weights: Tensor): number {
  return weights.shape.slice(1).reduce((product, size) => product * size, 1);
}

/** Bytes to integers: the largest normalized value of any channel becomes 127. */
export function quantizeInput(normalization: Normalization): { table: Int8Array; step: number } {
  const { mean, deviation } = normalization;
  const normalize = (byte: number, c: number) => (byte / 255 - mean[c]!) / deviation[c]!;
  const largest = mean.map((_, c) => Math.max(Math.abs(normalize(0, c)), Math.abs(normalize(255, c))));
  const step = Math.max(...largest) / 127;
  const table = new Int8Array(mean.length * 256);
  for (let i = 0; i < table.length; i++) table[i] = Math.round(normalize(i & 255, i >> 8) / step);
  return { table, step };
}

/** y = clamp((D * multiplier + addend) >> shift, 0, top): the last line of every kernel. */
export function requantize(sum: number, r: Requantization, channel: number, top: number): number {
  const y = (Math.imul(sum, r.multiplier[channel]!) + r.addend[channel]!) >> r.shift;
  return Math.min(Math.max(y, 0), top);
}

function fixedPoint(
  step: Extract<Step, { kind: 'linear' | 'convolution' }>,
  largestSum: number,
  stepIn: number,
  stepOut: number,
): Requantization {
  const channels = step.scale.length;
  const at = (shift: number): Requantization => ({
    multiplier: Int32Array.from(step.scale, (scale) => Math.round((scale * stepIn * 2 ** shift) / stepOut)),
    addend: Int32Array.from(step.shift, (real) => Math.floor((real / stepOut + 0.5) * 2 ** shift)),
    shift,
  });
  const fits = (shift: number): boolean => {
    for (let c = 0; c < channels; c++) {
      const multiplier = Math.abs(Math.round((step.scale[c]! * stepIn * 2 ** shift) / stepOut));
      const addend = Math.abs(Math.floor((step.shift[c]! / stepOut + 0.5) * 2 ** shift));
      if (!(multiplier < MULTIPLIER_LIMIT && largestSum * multiplier + addend < SUM_LIMIT)) return false;
    }
    return true;
  };
  for (let shift = LARGEST_SHIFT; shift >= 0; shift--) if (fits(shift)) return at(shift);
  throw cannot(step, 'has batch norm values too large for 32-bit arithmetic');
}

function foldLast(step: LinearStep, stepIn: number): RealLinear {
  const { name, inputs, outputs, weights, scale, shift } = step;
  const folded = new Float32Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) {
    const factor = scale[o]! * stepIn;
    for (let k = 0; k < inputs; k++) folded[o * inputs + k] = factor * element(weights, o, k, inputs);
  }
  return { name, inputs, classes: outputs, weights: folded, bias: Float32Array.from(shift) };
}

/** Element k of row `row`. */
export function element(tensor: Tensor, row: number, k: number, rowLength: number): number {
  if (tensor.kind === 'real') return tensor.data[row * rowLength + k]!;
  const byte = tensor.bits[row * Math.ceil(rowLength / 8) + (k >> 3)]!;
  return (byte >> (k & 7)) & 1 ? 1 : -1;
}

function cannot(step: Step, why: string): WorkbenchError {
  return new WorkbenchError(
    'unsupported',
    `Integer precisions cannot run this network: ${step.name} ${why}`,
    {
      where: step.name,
      remedy: 'Use fp32',
    },
  );
}
