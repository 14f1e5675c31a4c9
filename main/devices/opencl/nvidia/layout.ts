/**
 * Weights as the lanes of matrix instructions hold them, and activations in bit planes. The layouts stand in
 * kernels/nvidia: ptx.cl (operands of an instruction), layout.cl (order of channels), and each layer's head.
 */
import type { RealLinear } from '../../../../core/network/quantization';
import type { Shape } from '../../../../core/network/topology';
import { type IntegerLayer, roundUp } from '../integer/layers';

/** Channels of a quad: 16 bytes of one plane. */
export const QUAD_CHANNELS = 128;
/** Outputs that a work-group multiplies at once. */
const BLOCK = 64;
/** Bytes of a matrix operand: 64 outputs, 32 bytes each. */
const STEP_BYTES = BLOCK * 32;

export function quads(channels: number): number {
  return Math.ceil(channels / QUAD_CHANNELS);
}

/** Which channel of its quad bit `position` is: in each 64, channel 8 i + g is bit i of byte g. */
export function channelAt(position: number): number {
  return (position & 64) | ((position & 7) << 3) | ((position >> 3) & 7);
}

/**
 * [OUTPUTS / 64][step][16 outputs][lane][4 words], bit by bit; each step is 64 outputs by two quads.
 * @param stepWords word `index` (0 or 1) of lane t in a step: its quad, counted as the kernel does, and the
 *   word in the quad; null for zeros
 * @param outputAt the output of its 64 that a row is
 */
function packBits(
  outputs: number,
  steps: number,
  stepWords: (step: number, t: number, index: number) => { quad: number; word: number } | null,
  isPositive: (output: number, quad: number, channel: number) => boolean,
  outputAt = (row: number) => row,
): Uint8Array {
  const packed = new Uint32Array((outputs / BLOCK) * steps * (STEP_BYTES / 4));
  for (let place = 0; place < packed.length; place++) {
    const register = place & 3;
    const lane = (place >> 2) & 31;
    const row = ((place >> 7) & 3) * 16 + (register & 1) * 8 + (lane >> 2);
    const step = Math.floor(place / (STEP_BYTES / 4));
    const from = stepWords(step % steps, lane & 3, register >> 1);
    if (from === null) continue;
    const output = Math.floor(step / steps) * BLOCK + outputAt(row);
    packed[place] = wordOf((bit) => isPositive(output, from.quad, channelAt(from.word * 32 + bit)));
  }
  return new Uint8Array(packed.buffer);
}

/** 32 bits, the first the lowest. */
function wordOf(isSet: (bit: number) => boolean): number {
  let word = 0;
  for (let bit = 0; bit < 32; bit++) if (isSet(bit)) word |= 1 << bit;
  return word;
}

/** For convolution.cl; steps of a stage follow one another, then stages. */
export function packConvolution(
  layer: IntegerLayer,
  outputs: number,
  stageChunks: number,
  outputAt?: (row: number) => number,
): Uint8Array {
  const { input, signs, kernelHeight, kernelWidth } = layer;
  const taps = kernelHeight * kernelWidth;
  const stepsAStage = Math.ceil((taps * stageChunks) / 2);
  const stages = quads(input.channels) / stageChunks;
  return packBits(
    outputs,
    stages * stepsAStage,
    (step, t, half) => {
      const inStage = (step % stepsAStage) * 2 + half;
      const stage = Math.floor(step / stepsAStage);
      return inStage < taps * stageChunks ? { quad: stage * taps * stageChunks + inStage, word: t } : null;
    },
    (output, quad, channel) => {
      const stage = Math.floor(quad / (taps * stageChunks));
      const tap = Math.floor((quad % (taps * stageChunks)) / stageChunks);
      const c = (stage * stageChunks + (quad % stageChunks)) * QUAD_CHANNELS + channel;
      return (
        output < layer.convolved.channels &&
        c < input.channels &&
        signs[(output * input.channels + c) * taps + tap]! > 0
      );
    },
    outputAt,
  );
}

/** Which output of its 64 row 16 w + 8 h + g of a wgmma product is: see lanes.cl. */
export function warpgroupOutput(row: number): number {
  const g = row & 7;
  return ((g & 3) + 4 * ((row >> 3) & 1)) * 8 + 2 * (row >> 4) + (g >> 2);
}

/** For linear.cl: quads are [channels / 128][y][x]. */
export function packLinear(layer: IntegerLayer, outputs: number): Uint8Array {
  const { input, signs } = layer;
  const chunks = quads(input.channels);
  const pixels = input.height * input.width;
  return packBits(
    outputs,
    Math.ceil((pixels * chunks) / 4) * 2,
    (step, t, half) => ({ quad: (step >> 1) * 4 + t, word: (step & 1) * 2 + half }),
    (output, quad, channel) => {
      const pixel = quad % pixels;
      const c = Math.floor(quad / pixels) * QUAD_CHANNELS + channel;
      return (
        output < layer.convolved.channels &&
        c < input.channels &&
        signs[(output * input.channels + c) * pixels + pixel]! > 0
      );
    },
  );
}

/** For the first layer: bytes +1, -1 or 0, [OUTPUTS / 64][step][16 outputs][lane][16], of windows [ky][kx][c]. */
export function packBytes(layer: IntegerLayer, outputs: number, steps: number): Uint8Array {
  const { input, signs, kernelHeight, kernelWidth } = layer;
  const taps = kernelHeight * kernelWidth;
  const length = taps * input.channels;
  const packed = new Int8Array(outputs * steps * 32);
  let place = 0;
  for (let block = 0; block < outputs; block += BLOCK)
    for (let step = 0; step < steps; step++)
      for (let tile = 0; tile < BLOCK; tile += 16)
        for (let lane = 0; lane < 32; lane++)
          for (let byte = 0; byte < 16; byte++) {
            const register = byte >> 2;
            const output = block + tile + (register & 1) * 8 + (lane >> 2);
            const k = step * 32 + (lane & 3) * 8 + (register >> 1) * 4 + (byte & 3);
            const c = k % input.channels;
            const tap = Math.floor(k / input.channels);
            packed[place++] =
              output < layer.convolved.channels && k < length
                ? signs[(output * input.channels + c) * taps + tap]!
                : 0;
          }
  return new Uint8Array(packed.buffer);
}

/**
 * For cells.cl: bytes +1, -1 or 0, [OUTPUTS / 64][step][work-item][16]. Register 2 half + h of lane (g, t) is pixel t of
 * row 2 step + half of the window, for the output in row 16 warp + 8 h + g.
 */
export function packCells(layer: IntegerLayer, outputs: number): Uint8Array {
  const { input, signs, kernelHeight, kernelWidth } = layer;
  const steps = Math.ceil(kernelHeight / 2);
  const packed = new Int8Array(outputs * steps * 32);
  let place = 0;
  for (let block = 0; block < outputs; block += BLOCK)
    for (let step = 0; step < steps; step++)
      for (let item = 0; item < 128; item++)
        for (let byte = 0; byte < 16; byte++) {
          const register = byte >> 2;
          const row = (item >> 5) * 16 + (register & 1) * 8 + ((item & 31) >> 2);
          const output = block + warpgroupOutput(row);
          const ky = 2 * step + (register >> 1);
          const kx = item & 3;
          const c = byte & 3;
          const isWeight =
            output < layer.convolved.channels && ky < kernelHeight && kx < kernelWidth && c < input.channels;
          packed[place++] = isWeight
            ? signs[((output * input.channels + c) * kernelHeight + ky) * kernelWidth + kx]!
            : 0;
        }
  return new Uint8Array(packed.buffer);
}

/** (multiplier, addend) of each output; padded outputs stay 0. */
export function packScales({ requantization }: IntegerLayer, outputs: number): Uint8Array {
  const { multiplier, addend } = requantization;
  const packed = new Int32Array(outputs * 2);
  multiplier.forEach((value, o) => {
    packed.set([value, addend[o]!], o * 2);
  });
  return new Uint8Array(packed.buffer);
}

/** For last.cl: [class][bit][word] floats, from weights in the order of `shape`. */
export function packLast({ classes, inputs, weights }: RealLinear, shape: Shape): Uint8Array {
  const pixels = shape.height * shape.width;
  const words = vectorQuads(shape) * 4;
  const packed = new Float32Array(classes * 32 * words);
  for (let class_ = 0; class_ < classes; class_++)
    for (let word = 0; word < words; word++)
      for (let bit = 0; bit < 32; bit++) {
        const quad = word >> 2;
        const c = Math.floor(quad / pixels) * QUAD_CHANNELS + channelAt((word & 3) * 32 + bit);
        if (c < shape.channels)
          packed[(class_ * 32 + bit) * words + word] =
            weights[class_ * inputs + c * pixels + (quad % pixels)]!;
      }
  return new Uint8Array(packed.buffer);
}

/** How an activation lies in memory: the head of kernels/nvidia/layout.cl. */
export type Placement =
  | { kind: 'map'; planes: number; chunks: number; rows: number; columns: number; margin: number }
  | { kind: 'vector'; planes: number; quads: number };

/** Quads of a vector: an even number, since a step multiplies two. */
export function vectorQuads({ channels, height, width }: Shape): number {
  return roundUp(height * width * quads(channels), 2);
}

function roundedImages(images: number): number {
  return roundUp(images, 64);
}

/** Bytes of a batch. */
export function activationBytes(placement: Placement, images: number): number {
  const { planes } = placement;
  if (placement.kind === 'vector') return placement.quads * planes * 16 * roundedImages(images);
  const { chunks, rows, columns } = placement;
  return images * planes * chunks * rows * columns * 16;
}

/** Bytes of a batch's sums over 64 channels. */
export function sumBytes(placement: Placement, images: number): number {
  if (placement.kind === 'vector') return placement.quads * 4 * roundedImages(images);
  const { chunks, rows, columns } = placement;
  return images * roundUp(chunks * rows * columns * 4, 128);
}

/** Where the quad of a plane, a chunk of 128 channels and a pixel lies in a batch. */
function quadPlace(
  placement: Placement,
  shape: Shape,
  at: { image: number; plane: number; chunk: number; y: number; x: number },
  images: number,
): number {
  const { image, plane, chunk, y, x } = at;
  if (placement.kind === 'vector') {
    const quad = (chunk * shape.height + y) * shape.width + x;
    return (plane * placement.quads + quad) * roundedImages(images) + image;
  }
  const { planes, chunks, rows, columns, margin } = placement;
  return (((image * planes + plane) * chunks + chunk) * rows + y + margin) * columns + x + margin;
}

/** Bit planes of a batch to [images][channels][height][width]. */
export function decodeActivations(
  bytes: Uint8Array,
  shape: Shape,
  placement: Placement,
  images: number,
): Uint8Array {
  const { channels, height, width } = shape;
  const decoded = new Uint8Array(images * channels * height * width);
  for (let image = 0; image < images; image++)
    for (let position = 0; position < roundUp(channels, QUAD_CHANNELS); position++) {
      const chunk = Math.floor(position / QUAD_CHANNELS);
      const bit = position % QUAD_CHANNELS;
      const c = chunk * QUAD_CHANNELS + channelAt(bit);
      if (c >= channels) continue;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let value = 0;
          for (let plane = 0; plane < placement.planes; plane++) {
            const place = quadPlace(placement, shape, { image, plane, chunk, y, x }, images);
            value |= ((bytes[place * 16 + (bit >> 3)]! >> (bit & 7)) & 1) << plane;
          }
          decoded[((image * channels + c) * height + y) * width + x] = value;
        }
    }
  return decoded;
}
