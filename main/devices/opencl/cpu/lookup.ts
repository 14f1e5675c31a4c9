/** Layers by table look-up; maths and layouts stand in kernels/cpu/lookup.cl. */
import {
  type Engine,
  geometry,
  type LayerProgram,
  type LayerSizes,
  padRequantization,
} from '../integer/engine';
import { type IntegerLayer, roundUp } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';
import { byQuarters } from './byQuarters';
import { fewBytesLayer } from './fewBytes';
import { multiplyAddEngine } from './multiplyAdd';

export interface LookupChoice {
  vectorBytes: 32 | 64;
  /** For the first layer, whose inputs are signed bytes. */
  vnni: boolean;
  /** Work-items that a launch should at least have, to keep all cores busy. */
  workItems: number;
}

/** Convolved pixels whose sums a work-item holds at once. */
const STRIP_PIXELS = 128;
/** Images of a work-item in a layer with one pixel. */
const IMAGES = 8;
/** Vectors of byte sums that stay in registers. */
const SUM_VECTORS = { 32: 12, 64: 24 } as const;
/** Patterns of a kernel row and a chunk that stay in the first cache. */
const PATTERN_BYTES = 18432;
/**
 * What the lists and sums of a work-item may take: PoCL gives as much local memory as the second cache has, 512 KiB
 * on Zen 3, and ends the process where a kernel wants more.
 */
const LOCAL_BYTES = 480 * 1024;

/** Of a first layer's window. */
const MANY_BYTES = 256;

export function lookupEngine(choice: LookupChoice): Engine {
  const first = multiplyAddEngine(choice);
  return {
    name: `${choice.vectorBytes === 64 ? 'AVX-512' : 'AVX2'} look-up`,
    rows: 1,
    channelMultiple: 64,
    windowMultiple: first.windowMultiple,
    layer(layer, sizes) {
      // Few bytes are not worth their tables; bytes behind a window may be anything, and would be summed.
      const lookedUp =
        !layer.signed || (sizes.channels >= MANY_BYTES && layer.input.channels === sizes.channels);
      const own = lookedUp
        ? lookupLayer(layer, sizes, choice)
        : fewBytesLayer(layer, sizes, choice.vectorBytes);
      return own ?? first.layer(layer, sizes);
    },
  };
}

/**
 * Of any layer whose channels fill whole groups of eight. Null for others, and where the lists of one output row do not
 * fit the local memory.
 */
export function lookupLayer(
  layer: IntegerLayer,
  sizes: LayerSizes,
  choice: LookupChoice,
): LayerProgram | null {
  if (sizes.channels % 8 !== 0) return null;
  const { pool } = layer;
  const { vectorBytes } = choice;
  const planes = layer.signed || sizes.top > 15 ? 2 : 1;
  const shape = shapeOf(layer, sizes, planes);
  const vectors = vectorsOf(sizes.outputs, shape.KERNEL_WIDTH, vectorBytes);
  const block = vectors * vectorBytes;
  const blocks = sizes.outputs / block;
  const chunk = chunkOf(shape, block);
  const images = shape.ROW_OF_IMAGES ? shape.WIDTH : 1;
  const height = shape.OUT_HEIGHT;
  const rowPixels = shape.CONVOLVED_WIDTH * (pool?.stride ?? 1);
  const rowsOf = (outputRows: number) => (outputRows - 1) * (pool?.stride ?? 1) + (pool?.size ?? 1);
  const sums = sumBytes(shape) * planes * vectors * vectorBytes;
  const localBytes = (band: number, strip: number) =>
    ((rowsOf(band) - 1) * shape.STRIDE + shape.KERNEL_HEIGHT) *
      shape.WIDTH *
      pixelBytes(shape.CHANNELS, planes) +
    rowsOf(strip) * (shape.WIDTH + shape.KERNEL_WIDTH) * sums;
  let strip = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / rowPixels)));
  while (strip > 1 && localBytes(strip, strip) > LOCAL_BYTES) strip = Math.floor(strip / 2);
  if (localBytes(strip, strip) > LOCAL_BYTES) return null;
  let band = roundUp(height, strip);
  while (band > strip && localBytes(band, strip) > LOCAL_BYTES) band = roundUp(Math.ceil(band / 2), strip);
  let split = blocks;
  const workItems = () => Math.ceil(height / band) * (blocks / split) * Math.ceil(sizes.tiles / images);
  // More and smaller work-items make some lists twice, so only as many as the cores need.
  while (workItems() < choice.workItems && band % (2 * strip) === 0) band /= 2;
  while (workItems() < choice.workItems && split % 2 === 0) split /= 2;
  return {
    source: readKernelSource('cpu/vectors.cl', 'cpu/lookup.cl'),
    options: defineOptions({
      ...geometry(layer, sizes),
      ...shape,
      VECTOR_BYTES: vectorBytes,
      VECTORS: vectors,
      PLANES: planes,
      CHUNK: chunk,
      BAND: band,
      STRIP: strip,
      SPLIT: split,
    }),
    weights: packPatterns(layer, sizes, { block, chunk, single: shape.ROW_OF_IMAGES === 1 }),
    requantization: byQuarters(padRequantization(layer.requantization, sizes.outputs), vectorBytes),
    globalSize: (tiles) => [blocks / split, Math.ceil(height / band), Math.ceil(tiles / images)],
    localSize: [1, 1, 1],
  };
}

/** A table, its place, and its share of the stretches, of which there is one in four entries at most. */
const ENTRY_BYTES = 16 + 4 + 12 / 4;

function pixelBytes(channels: number, planes: number): number {
  return (channels / 4) * ENTRY_BYTES * planes;
}

/** Of an output: 16 bits in two parts, and 32 bits where 16 may not hold it; as NEVER_OVERFLOWS in the kernel. */
function sumBytes({ CHANNELS, KERNEL_HEIGHT, KERNEL_WIDTH }: LookupShape): number {
  const largest = KERNEL_HEIGHT * KERNEL_WIDTH * CHANNELS * 15;
  return largest <= 65535 ? 2 : 2 + 4;
}

type LookupShape = ReturnType<typeof shapeOf>;

/** The layer as the kernel sees it: one with one pixel is a 1 x 1 convolution of a row of images. */
function shapeOf(layer: IntegerLayer, sizes: LayerSizes, planes: number) {
  const { input, convolved, output, padding, kernelHeight, kernelWidth } = layer;
  if (convolved.height * convolved.width === 1 && padding === 0) {
    const channels = sizes.channels * kernelHeight * kernelWidth;
    const fitting = Math.max(1, Math.floor(LOCAL_BYTES / 2 / pixelBytes(channels, planes)));
    const images = Math.min(IMAGES, sizes.tiles, fitting);
    return {
      ...{ ROW_OF_IMAGES: 1, CHANNELS: channels, KERNEL_HEIGHT: 1, KERNEL_WIDTH: 1, STRIDE: 1 },
      ...{ HEIGHT: 1, WIDTH: images, CONVOLVED_WIDTH: images, OUT_HEIGHT: 1, OUT_WIDTH: images },
    };
  }
  return {
    ...{ ROW_OF_IMAGES: 0, CHANNELS: sizes.channels, KERNEL_HEIGHT: kernelHeight, KERNEL_WIDTH: kernelWidth },
    ...{ STRIDE: layer.stride, HEIGHT: input.height, WIDTH: input.width, CONVOLVED_WIDTH: convolved.width },
    ...{ OUT_HEIGHT: output.height, OUT_WIDTH: output.width },
  };
}

/** As many vectors as the registers hold sums of, and the outputs divide into. */
function vectorsOf(outputs: number, kernelWidth: number, vectorBytes: 32 | 64): number {
  let vectors = 8;
  while (
    vectors > 1 &&
    (outputs % (vectors * vectorBytes) !== 0 || vectors * kernelWidth > SUM_VECTORS[vectorBytes])
  )
    vectors /= 2;
  return vectors;
}

/** As many channels as whose patterns stay in the cache. */
function chunkOf({ CHANNELS, KERNEL_WIDTH }: LookupShape, block: number): number {
  const fitting = Math.floor((PATTERN_BYTES * 4) / (KERNEL_WIDTH * block) / 8) * 8;
  return Math.min(CHANNELS, Math.max(8, fitting));
}

/**
 * [OUTPUTS / block][chunk][ky][group of the chunk][kx][block]: bit j of a byte is set where the sign of channel
 * 4 g + j is +1.
 */
export function packPatterns(
  layer: IntegerLayer,
  { channels, outputs }: LayerSizes,
  { block, chunk, single }: { block: number; chunk: number; single: boolean },
): Uint8Array {
  const taps = layer.kernelHeight * layer.kernelWidth;
  const [height, width] = single ? [1, 1] : [layer.kernelHeight, layer.kernelWidth];
  const groups = (single ? channels * taps : channels) / 4;
  const chunkGroups = chunk / 4;
  const packed = new Uint8Array(outputs * groups * height * width);
  const { signs, input } = layer;
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        if (signs[(o * input.channels + c) * taps + tap]! <= 0) continue;
        const [ky, kx] = single ? [0, 0] : [Math.floor(tap / width), tap % width];
        const channel = single ? tap * channels + c : c;
        const group = channel >> 2;
        const before = group - (group % chunkGroups);
        const row =
          (Math.floor(o / block) * groups + before) * height + ky * Math.min(chunkGroups, groups - before);
        packed[((row + group - before) * width + kx) * block + (o % block)]! |= 1 << (channel & 3);
      }
  return packed;
}
