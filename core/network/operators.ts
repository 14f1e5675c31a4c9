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
  const output = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i]! * input[i]!;
    output[o] = sum;
  }
  return output;
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
 * The window of each pixel is gathered into a vector; the rest is a linear layer.
 */
export function convolution(
  input: Float32Array,
  weights: Float32Array,
  geometry: ConvolutionGeometry,
): Float32Array {
  const { channels, height, width } = geometry.convolved;
  const output = new Float32Array(channels * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sums = linear(gatherWindow(input, y, x, geometry), weights, channels);
      for (let o = 0; o < channels; o++) output[(o * height + y) * width + x] = sums[o]!;
    }
  }
  return output;
}

/** What the kernel sees at output pixel (y, x): [channels][kernelHeight][kernelWidth], 0 outside the image. */
function gatherWindow(
  plane: Float32Array,
  y: number,
  x: number,
  geometry: ConvolutionGeometry,
): Float32Array {
  const { input, kernelHeight, kernelWidth, stride, padding } = geometry;
  const window = new Float32Array(input.channels * kernelHeight * kernelWidth);
  let i = 0;
  for (let c = 0; c < input.channels; c++) {
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++, i++) {
        const inputY = y * stride + ky - padding;
        const inputX = x * stride + kx - padding;
        const inside = inputY >= 0 && inputY < input.height && inputX >= 0 && inputX < input.width;
        if (inside) window[i] = plane[(c * input.height + inputY) * input.width + inputX]!;
      }
    }
  }
  return window;
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
