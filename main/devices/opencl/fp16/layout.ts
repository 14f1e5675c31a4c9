/** How activations lie in memory, and the order of weights: the head of kernels/fp16/product.cl. */
import type { ConvolutionStep } from '../../../../core/network/plan';
import { elements } from '../../../../core/network/shapes';
import type { Shape } from '../../../../core/network/topology';
import { roundUp } from '../integer/layers';

/** Channels that a matrix instruction multiplies: a step. */
const STEP_CHANNELS = 16;
/** Inputs that a linear layer takes a stage: two steps. */
export const LINEAR_STAGE = 32;
/** Images that a linear layer takes at once. */
const SUBTILE_IMAGES = 64;

/** Halves, [image][row][column][channel]; numbers of halves. */
export interface HalfLayout {
  shape: Shape;
  /** From a position to the next one in its row; what is more than the shape's channels is zero. */
  channels: number;
  /** From a row to the next one. */
  row: number;
  rows: number;
  /** From an image to the next one. */
  image: number;
  /** Before the first position inside the margin. */
  origin: number;
}

/** As a convolution reads it: its margin, and whole tiles of 8 x 8 outputs. */
export function mapLayout({
  input,
  convolved,
  kernelHeight,
  kernelWidth,
  padding,
}: ConvolutionStep): HalfLayout {
  const channels = roundUp(input.channels, STEP_CHANNELS);
  const row = (roundUp(convolved.width, 8) + kernelWidth - 1) * channels;
  const rows = roundUp(convolved.height, 8) + kernelHeight - 1;
  return {
    ...{ shape: input, channels, row, rows, image: rows * row },
    origin: padding * (row + channels),
  };
}

/** As a linear layer reads it: no margin, whole stages. `channels`: from a position to the next one. */
export function vectorLayout(shape: Shape, channels: number): HalfLayout {
  const { height, width } = shape;
  const row = width * channels;
  return { shape, channels, row, rows: height, image: roundUp(height * row, LINEAR_STAGE), origin: 0 };
}

/** Bytes of a batch, with all images that a linear layer reads. */
export function layoutBytes({ image }: HalfLayout, images: number): number {
  return roundUp(images, SUBTILE_IMAGES) * image * 2;
}

/** For each half of an image in memory, the input of the linear layer behind it, [channel][y][x]; -1 where none is. */
export function vectorInputs({ shape, channels, row, image }: HalfLayout): Int32Array {
  const { height, width } = shape;
  const inputs = new Int32Array(image).fill(-1);
  for (let input = 0; input < elements(shape); input++) {
    const c = Math.floor(input / (height * width));
    const y = Math.floor(input / width) % height;
    inputs[y * row + (input % width) * channels + c] = input;
  }
  return inputs;
}

/** Operand `a` of a matrix instruction as the lanes hold it, [lane][8]: of each half its output and its place in a step. */
const FRAGMENT = Array.from({ length: 32 * 8 }, (_, place) => {
  const [lane, i] = [place >> 3, place & 7];
  // Row 8 h + g is output 2 g + h.
  return { output: 2 * (lane >> 2) + ((i >> 1) & 1), k: 2 * (lane & 3) + (i & 1) + 2 * (i & 4) };
});

/**
 * Weights as operands: [outputs / 64][step][4][lane][8].
 * @param weights halves, [outputs][inputs]
 * @param order for each step, 16 places in a row of the weights, or -1 for a zero
 */
export function packSteps(
  weights: Uint16Array,
  { outputs, inputs }: { outputs: number; inputs: number },
  order: Int32Array,
): Uint8Array {
  const steps = order.length / STEP_CHANNELS;
  const fragments = Math.ceil(outputs / 64) * steps * 4;
  const packed = new Uint16Array(fragments * FRAGMENT.length);
  for (let fragment = 0; fragment < fragments; fragment++) {
    const step = (fragment >> 2) % steps;
    const first = Math.floor(fragment / (4 * steps)) * 64 + (fragment & 3) * 16;
    FRAGMENT.forEach(({ output, k }, place) => {
      const source = order[step * STEP_CHANNELS + k]!;
      if (first + output >= outputs || source < 0) return;
      packed[fragment * FRAGMENT.length + place] = weights[(first + output) * inputs + source]!;
    });
  }
  return new Uint8Array(packed.buffer);
}

/** The order of a convolution's steps: 16 channels at a time, and all taps of them. */
export function convolutionOrder({ input, kernelHeight, kernelWidth }: ConvolutionStep): Int32Array {
  const taps = kernelHeight * kernelWidth;
  const stages = Math.ceil(input.channels / STEP_CHANNELS);
  return Int32Array.from({ length: stages * taps * STEP_CHANNELS }, (_, i) => {
    const tap = Math.floor(i / STEP_CHANNELS) % taps;
    const c = Math.floor(i / (STEP_CHANNELS * taps)) * STEP_CHANNELS + (i % STEP_CHANNELS);
    return c < input.channels ? c * taps + tap : -1;
  });
}
