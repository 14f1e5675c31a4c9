/**
 * The slow, obvious form of {@link ./quantization}: what every integer kernel is checked against, bit for bit.
 */
import type { PoolStep } from './plan';
import {
  element,
  type IntegerConvolution,
  type IntegerLinear,
  type IntegerPlan,
  requantize,
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
  const y = new Uint8Array(count * outputs);
  for (let o = 0; o < outputs; o++) {
    const w = Int8Array.from({ length: inputs }, (_, k) => element(step.weights, o, k, inputs));
    for (let n = 0; n < count; n++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++) sum += w[k]! * x[n * inputs + k]!;
      y[n * outputs + o] = requantize(sum, requantization, o, top);
    }
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
  const pixels = output.height * output.width;
  const y = new Uint8Array(count * output.channels * pixels);
  for (let o = 0; o < output.channels; o++)
    for (let n = 0; n < count; n++) {
      const image = x.subarray(n * size(input), (n + 1) * size(input));
      const sums = convolve(step, image, o);
      const pooled = pool ? maximum(sums, convolved, output, pool.size, pool.stride) : sums;
      for (let p = 0; p < pixels; p++)
        y[(n * output.channels + o) * pixels + p] = requantize(pooled[p]!, requantization, o, top);
    }
  return y;
}

/** Sums of one output channel over one image, before the pool. */
function convolve(step: IntegerConvolution, image: Int8Array | Uint8Array, o: number): Int32Array {
  const { input, convolved, kernelHeight, kernelWidth, stride, padding } = step;
  const { channels, height, width } = input;
  const rowLength = channels * kernelHeight * kernelWidth;
  const sums = new Int32Array(convolved.height * convolved.width);
  for (let c = 0; c < channels; c++)
    for (let ky = 0; ky < kernelHeight; ky++)
      for (let kx = 0; kx < kernelWidth; kx++) {
        const w = element(step.weights, o, (c * kernelHeight + ky) * kernelWidth + kx, rowLength);
        for (let i = 0; i < sums.length; i++) {
          const v = Math.floor(i / convolved.width) * stride + ky - padding;
          const u = (i % convolved.width) * stride + kx - padding;
          if (v >= 0 && v < height && u >= 0 && u < width)
            sums[i]! += w * image[(c * height + v) * width + u]!;
        }
      }
  return sums;
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
