/**
 * The obvious form of {@link ./quantization}: what every integer kernel is checked against, bit for bit.
 */
import type { PoolStep } from './plan';
import {
  element,
  type IntegerConvolution,
  type IntegerLinear,
  type IntegerPlan,
  requantize,
  taps,
} from './quantization';
import type { Shape } from './topology';

export interface IntegerResults {
  /** After each step, [images][channels][height][width], 0 .. top. */
  activations: Uint8Array[];
  /** [images][classes], summed in double precision. */
  logits: Float32Array;
}

/** @param images raw bytes, [count][height][width][channels] */
export function runIntegerPlan(plan: IntegerPlan, images: Uint8Array, count: number): IntegerResults {
  let x: Int8Array | Uint8Array = quantizedInput(plan, images, count);
  const activations: Uint8Array[] = [];
  for (const step of plan.steps) {
    const y = runIntegerStep(step, x, count, plan.top);
    activations.push(y);
    x = y;
  }
  return { activations, logits: lastLayer(plan, x, count) };
}

/** [count][height][width][channels] bytes to [count][channels][height][width] integers. */
export function quantizedInput(plan: IntegerPlan, images: Uint8Array, count: number): Int8Array {
  const { channels, height, width } = plan.input;
  const pixels = height * width;
  const x = new Int8Array(count * channels * pixels);
  for (let n = 0; n < count; n++)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++) {
        const byte = images[(n * pixels + p) * channels + c]!;
        x[(n * channels + c) * pixels + p] = plan.inputTable[c * 256 + byte]!;
      }
  return x;
}

/** One step for `count` images, each channels x height x width. */
export function runIntegerStep(
  step: IntegerPlan['steps'][number],
  x: Int8Array | Uint8Array,
  count: number,
  top: number,
): Uint8Array {
  switch (step.kind) {
    case 'linear':
      return linear(step, x, count, top);
    case 'convolution':
      return convolution(step, x, count, top);
    case 'pool':
      return poolIntegers(step, x, count);
  }
}

function linear(step: IntegerLinear, x: Int8Array | Uint8Array, count: number, top: number): Uint8Array {
  const { inputs, outputs, requantization } = step;
  const rows = weightRows(step);
  const sums = new Int32Array(outputs);
  const y = new Uint8Array(count * outputs);
  for (let n = 0; n < count; n++) {
    multiply(rows, Int32Array.from(x.subarray(n * inputs, (n + 1) * inputs)), sums);
    for (let o = 0; o < outputs; o++) y[n * outputs + o] = requantize(sums[o]!, requantization, o, top);
  }
  return y;
}

function convolution(
  step: IntegerConvolution,
  x: Int8Array | Uint8Array,
  count: number,
  top: number,
): Uint8Array {
  const { input, convolved, output, pool, requantization } = step;
  const rows = weightRows(step);
  const pixels = output.height * output.width;
  const y = new Uint8Array(count * output.channels * pixels);
  for (let n = 0; n < count; n++) {
    const planes = convolve(step, rows, x.subarray(n * size(input), (n + 1) * size(input)));
    for (let o = 0; o < output.channels; o++) {
      const sums = planes[o]!;
      const pooled = pool ? maximum(sums, convolved, output, pool.size, pool.stride) : sums;
      for (let p = 0; p < pixels; p++)
        y[(n * output.channels + o) * pixels + p] = requantize(pooled[p]!, requantization, o, top);
    }
  }
  return y;
}

/** D of one image, before the pool, a plane for each output channel: what each pixel's window gives each row. */
function convolve(step: IntegerConvolution, rows: Int8Array[], image: Int8Array | Uint8Array): Int32Array[] {
  const { height, width } = step.convolved;
  const planes = rows.map(() => new Int32Array(height * width));
  const window = new Int32Array(rows[0]!.length);
  const sums = new Int32Array(rows.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      gatherWindow(step, image, y, x, window);
      multiply(rows, window, sums);
      for (let o = 0; o < sums.length; o++) planes[o]![y * width + x] = sums[o]!;
    }
  return planes;
}

/** Fills `window`, [channels][kernelHeight][kernelWidth], with zeros outside the image. */
function gatherWindow(
  { input, kernelHeight, kernelWidth, stride, padding }: IntegerConvolution,
  image: Int8Array | Uint8Array,
  y: number,
  x: number,
  window: Int32Array,
): void {
  let i = 0;
  for (let c = 0; c < input.channels; c++)
    for (let ky = 0; ky < kernelHeight; ky++)
      for (let kx = 0; kx < kernelWidth; kx++, i++) {
        const v = y * stride + ky - padding;
        const u = x * stride + kx - padding;
        const inside = v >= 0 && v < input.height && u >= 0 && u < input.width;
        window[i] = inside ? image[(c * input.height + v) * input.width + u]! : 0;
      }
}

/** +1 and -1, a row for each output. */
function weightRows({ weights }: IntegerLinear | IntegerConvolution): Int8Array[] {
  const length = taps(weights);
  return Array.from({ length: weights.shape[0]! }, (_, o) => {
    const row = new Int8Array(length);
    for (let k = 0; k < length; k++) row[k] = element(weights, o, k, length);
    return row;
  });
}

/** sums[o] = rows[o] . integers. Four rows at a time, so that each integer is read once for four products. */
function multiply(rows: Int8Array[], integers: Int32Array, sums: Int32Array): void {
  const whole = rows.length - (rows.length % 4);
  for (let o = 0; o < whole; o += 4) {
    const [row0, row1, row2, row3] = [rows[o]!, rows[o + 1]!, rows[o + 2]!, rows[o + 3]!];
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    // `| 0` and imul keep V8 to 32-bit integers; no sum leaves them.
    for (let k = 0; k < integers.length; k++) {
      const integer = integers[k]!;
      sum0 = (sum0 + Math.imul(row0[k]!, integer)) | 0;
      sum1 = (sum1 + Math.imul(row1[k]!, integer)) | 0;
      sum2 = (sum2 + Math.imul(row2[k]!, integer)) | 0;
      sum3 = (sum3 + Math.imul(row3[k]!, integer)) | 0;
    }
    sums.set([sum0, sum1, sum2, sum3], o);
  }
  for (let o = whole; o < rows.length; o++) sums[o] = dot(rows[o]!, integers);
}

function dot(signs: Int8Array, integers: Int32Array): number {
  let sum = 0;
  for (let k = 0; k < signs.length; k++) sum += signs[k]! * integers[k]!;
  return sum;
}

function poolIntegers(step: PoolStep, x: Int8Array | Uint8Array, count: number): Uint8Array {
  const { input, output } = step;
  const pixels = input.height * input.width;
  const y = new Uint8Array(count * size(output));
  for (let plane = 0; plane < count * input.channels; plane++) {
    const pooled = maximum(
      Int32Array.from(x.subarray(plane * pixels, (plane + 1) * pixels)),
      input,
      output,
      step.size,
      step.stride,
    );
    y.set(pooled, plane * pooled.length);
  }
  return y;
}

function maximum(plane: Int32Array, from: Shape, to: Shape, window: number, stride: number): Int32Array {
  const y = new Int32Array(to.height * to.width).fill(-(2 ** 31));
  for (let i = 0; i < y.length; i++)
    for (let j = 0; j < window * window; j++) {
      const v = Math.floor(i / to.width) * stride + Math.floor(j / window);
      const u = (i % to.width) * stride + (j % window);
      y[i] = Math.max(y[i]!, plane[v * from.width + u]!);
    }
  return y;
}

function lastLayer(plan: IntegerPlan, x: Int8Array | Uint8Array, count: number): Float32Array {
  const { inputs, classes, weights, bias } = plan.last;
  const logits = new Float32Array(count * classes);
  for (let n = 0; n < count; n++)
    for (let o = 0; o < classes; o++) {
      let sum = bias[o]!;
      for (let k = 0; k < inputs; k++) sum += weights[o * inputs + k]! * x[n * inputs + k]!;
      logits[n * classes + o] = sum;
    }
  return logits;
}

function size(shape: Shape): number {
  return shape.channels * shape.height * shape.width;
}
