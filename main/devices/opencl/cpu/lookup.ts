/** Layers by table look-up; maths and layouts stand in kernels/cpu/lookup.cl. */
import type { Requantization } from '../../../../core/network/quantization';
import {
  type Engine,
  geometry,
  type LayerProgram,
  type LayerSizes,
  padRequantization,
} from '../integer/engine';
import { type IntegerLayer, roundUp } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';
import { multiplyAddEngine } from './multiplyAdd';

export interface LookupChoice {
  vectorBytes: 32 | 64;
  /** For the first layer, whose inputs are signed bytes. */
  vnni: boolean;
  /** Work-items that a launch should at least have, to keep all cores busy. */
  workItems: number;
}

/** Pixels whose sums a work-item holds at once. */
const STRIP_PIXELS = 64;
/** Images of a work-item in a layer with one pixel. */
const IMAGES = 16;
/** Patterns of a tap and a block that stay in the first cache. */
const TAP_BYTES = 16384;

export function lookupEngine(choice: LookupChoice): Engine {
  const first = multiplyAddEngine(choice);
  return {
    name: `${choice.vectorBytes === 64 ? 'AVX-512' : 'AVX2'} look-up`,
    rows: 1,
    channelMultiple: 64,
    windowMultiple: first.windowMultiple,
    layer: (layer, sizes) => (layer.signed ? first.layer(layer, sizes) : lookupLayer(layer, sizes, choice)),
  };
}

/** Of any layer; the bytes of a first layer must fill whole groups of eight. */
export function lookupLayer(layer: IntegerLayer, sizes: LayerSizes, choice: LookupChoice): LayerProgram {
  const { output, convolved, pool } = layer;
  const { vectorBytes } = choice;
  const single = convolved.height * convolved.width === 1;
  const vectors = vectorsOf(sizes, vectorBytes);
  const block = vectors * vectorBytes;
  const blocks = sizes.outputs / block;
  const images = single ? Math.min(IMAGES, sizes.tiles) : 1;
  const rowPixels = convolved.width * (pool?.stride ?? 1);
  const strip = Math.min(output.height, Math.max(1, Math.floor(STRIP_PIXELS / rowPixels)));
  let band = Math.min(roundUp(output.height, strip), roundUp(8, strip));
  let split = blocks;
  const workItems = () =>
    Math.ceil(output.height / band) * (blocks / split) * Math.ceil(sizes.tiles / images);
  // More and smaller work-items make some lists twice, so only as many as the cores need.
  while (workItems() < choice.workItems && band % (2 * strip) === 0) band /= 2;
  while (workItems() < choice.workItems && split % 2 === 0) split /= 2;
  return {
    source: readKernelSource('cpu/vectors.cl', 'cpu/lookup.cl'),
    options: defineOptions({
      ...geometry(layer, sizes),
      VECTOR_BYTES: vectorBytes,
      VECTORS: vectors,
      PLANES: layer.signed || sizes.top > 15 ? 2 : 1,
      IMAGES: images,
      BAND: band,
      STRIP: strip,
      SPLIT: split,
    }),
    weights: packPatterns(layer, sizes, block),
    requantization: byQuarters(padRequantization(layer.requantization, sizes.outputs), vectorBytes),
    globalSize: (tiles) => [blocks / split, Math.ceil(output.height / band), Math.ceil(tiles / images)],
    localSize: [1, 1, 1],
  };
}

/** As many vectors as the registers hold sums of, a tap's patterns fit the cache, and the outputs divide into. */
function vectorsOf({ channels, outputs }: LayerSizes, vectorBytes: number): number {
  let vectors = 8;
  const fits = () => {
    const block = vectors * vectorBytes;
    return outputs % block === 0 && (block * channels) / 4 <= TAP_BYTES;
  };
  while (vectors > 1 && !fits()) vectors /= 2;
  return vectors;
}

/** [OUTPUTS / block][tap][CHANNELS / 4][block]: bit j of a byte is set where the sign of channel 4 g + j is +1. */
export function packPatterns(
  layer: IntegerLayer,
  { channels, outputs }: LayerSizes,
  block: number,
): Uint8Array {
  const taps = layer.kernelHeight * layer.kernelWidth;
  const packed = new Uint8Array((outputs * taps * channels) / 4);
  const { signs, input } = layer;
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        const group = (Math.floor(o / block) * taps + tap) * (channels / 4) + (c >> 2);
        if (signs[(o * input.channels + c) * taps + tap]! > 0)
          packed[group * block + (o % block)]! |= 1 << (c & 3);
      }
  return packed;
}

/** Output 4 i + k of each vector goes to place i of quarter k. */
export function byQuarters(
  { multiplier, addend, shift }: Requantization,
  vectorBytes: number,
): Requantization {
  const lanes = vectorBytes / 4;
  const reorder = (values: Int32Array) =>
    values.map((_, i) => {
      const inVector = i % vectorBytes;
      return values[i - inVector + (inVector % lanes) * 4 + Math.floor(inVector / lanes)]!;
    });
  return { multiplier: reorder(multiplier), addend: reorder(addend), shift };
}
