/**
 * Every operator of a network for one image, slow and obvious: what kernels are tested against. Activations
 * are [channels][height][width], flat. Sums are in double precision; each operator rounds its result to float
 * once.
 */
import type { Normalization, Shape } from './topology';

/**
 * Raw bytes, [height][width][channels], to (byte / 255 - mean[c]) / deviation[c], [channels][height][width].
 * Each operation rounds to float, as in PyTorch's ToTensor and Normalize.
 */
export function normalize(bytes: Uint8Array, shape: Shape, normalization: Normalization): Float32Array {
  const table = normalizationTable(shape.channels, normalization);
  const pixels = shape.height * shape.width;
  const output = new Float32Array(shape.channels * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < shape.channels; c++) {
      output[c * pixels + pixel] = table[c * 256 + bytes[pixel * shape.channels + c]!]!;
    }
  }
  return output;
}

/** What each byte of each channel becomes: [channels][256]. */
export function normalizationTable(channels: number, { mean, deviation }: Normalization): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: channels * 256 }, (_, i) => {
    const c = i >> 8;
    return fround(fround((i & 255) / 255) - fround(mean[c]!)) / fround(deviation[c]!);
  });
}

/** @param weights [outputs][inputs] */
export function linear(input: Float32Array, weights: Float32Array, outputs: number): Float32Array {
  const inputs = input.length;
  return Float32Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i]! * input[i]!;
    return sum;
  });
}

export interface ConvolutionGeometry {
  input: Shape;
  /** Before any pool. */
  convolved: Shape;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  /** Rows and columns of zeros on all four sides. */
  padding: number;
}

/**
 * output[o][y][x] = sum over c, ky, kx of
 *   weights[o][c][ky][kx] * input[c][y * stride + ky - padding][x * stride + kx - padding]
 *
 * The loops over y and x are the inner ones: one weight is applied to its whole plane, which V8 runs at about
 * a multiply-add a nanosecond.
 */
export function convolution(
  input: Float32Array,
  weights: Float32Array,
  geometry: ConvolutionGeometry,
): Float32Array {
  const { channels, height, width } = geometry.input;
  const { kernelHeight, kernelWidth, convolved } = geometry;
  const pixels = convolved.height * convolved.width;
  const output = new Float32Array(convolved.channels * pixels);
  const sums = new Float64Array(pixels);
  for (let o = 0; o < convolved.channels; o++) {
    sums.fill(0);
    for (let c = 0; c < channels; c++) {
      const plane = input.subarray(c * height * width, (c + 1) * height * width);
      for (let ky = 0; ky < kernelHeight; ky++) {
        for (let kx = 0; kx < kernelWidth; kx++) {
          const weight = weights[((o * channels + c) * kernelHeight + ky) * kernelWidth + kx]!;
          addShifted(sums, plane, weight, ky, kx, geometry);
        }
      }
    }
    output.set(sums, o * pixels);
  }
  return output;
}

/** sums[y][x] += weight * plane[y * stride + ky - padding][x * stride + kx - padding], inside the plane. */
function addShifted(
  sums: Float64Array,
  plane: Float32Array,
  weight: number,
  ky: number,
  kx: number,
  { input, convolved, stride, padding }: ConvolutionGeometry,
): void {
  const left = kx - padding;
  const firstX = left >= 0 ? 0 : Math.ceil(-left / stride);
  const endX = Math.min(convolved.width, Math.floor((input.width - 1 - left) / stride) + 1);
  for (let y = 0; y < convolved.height; y++) {
    const inputY = y * stride + ky - padding;
    if (inputY < 0 || inputY >= input.height) continue;
    const row = inputY * input.width + left;
    for (let x = firstX; x < endX; x++) {
      sums[y * convolved.width + x]! += weight * plane[row + x * stride]!;
    }
  }
}

/** Adds bias[c] to each channel. */
export function addBias(input: Float32Array, bias: Float32Array): Float32Array {
  return affine(input, new Float32Array(bias.length).fill(1), bias);
}

/** scale[c] * x + shift[c]. */
export function affine(input: Float32Array, scale: Float32Array, shift: Float32Array): Float32Array {
  const pixels = input.length / scale.length;
  return input.map((x, i) => {
    const c = Math.floor(i / pixels);
    return scale[c]! * x + shift[c]!;
  });
}

export interface BatchNorm {
  weight: Float32Array;
  bias: Float32Array;
  mean: Float32Array;
  variance: Float32Array;
  epsilon: number;
}

/** (x - mean[c]) / sqrt(variance[c] + epsilon) * weight[c] + bias[c]. */
export function batchNorm(input: Float32Array, norm: BatchNorm): Float32Array {
  const pixels = input.length / norm.mean.length;
  return input.map((x, i) => {
    const c = Math.floor(i / pixels);
    const centered = (x - norm.mean[c]!) / Math.sqrt(norm.variance[c]! + norm.epsilon);
    return centered * norm.weight[c]! + norm.bias[c]!;
  });
}

/** Largest value of each size x size window, `stride` apart. */
export function maxPool(
  input: Float32Array,
  shape: Shape,
  output: Shape,
  size: number,
  stride: number,
): Float32Array {
  const result = new Float32Array(output.channels * output.height * output.width);
  let i = 0;
  for (let c = 0; c < output.channels; c++) {
    for (let y = 0; y < output.height; y++) {
      for (let x = 0; x < output.width; x++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let dy = 0; dy < size; dy++) {
          for (let dx = 0; dx < size; dx++) {
            const row = (c * shape.height + y * stride + dy) * shape.width;
            largest = Math.max(largest, input[row + x * stride + dx]!);
          }
        }
        result[i++] = largest;
      }
    }
  }
  return result;
}

export function relu(input: Float32Array): Float32Array {
  return input.map((x) => Math.max(x, 0));
}
