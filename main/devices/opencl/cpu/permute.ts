/** Layers by table look-up in tables of a whole register; maths and layouts stand in kernels/cpu/permute.cl. */
import {
  type Engine,
  geometry,
  type LayerProgram,
  type LayerSizes,
  padRequantization,
} from '../integer/engine';
import type { IntegerLayer } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';
import { byQuarters } from './byQuarters';
import { lookupLayer } from './lookup';
import { multiplyAddEngine } from './multiplyAdd';

export interface PermuteChoice {
  /** For the first layer, whose inputs are signed bytes. */
  vnni: boolean;
  /** Work-items that a launch should at least have, to keep all cores busy. */
  workItems: number;
}

const VECTOR_BYTES = 64;
const BLOCK = 128;
const GROUP = 6;
/** Pixels, or images, of a register tile. */
const TILE = 8;
/**
 * Groups whose tables are in the first cache together, and tiles of a strip: many groups where a table serves one tap
 * only, so that there are as many look-ups between two times that sums go to memory.
 */
const SEVERAL_TAPS = { CHUNK: 8, STRIP: 2 };
const ONE_TAP = { CHUNK: 16, STRIP: 2 };
const MANY_BYTES = 128;
/** Images of a work-item in a layer with one pixel: as many as make its weights' way from memory worth it. */
const IMAGES = 32;

export function permuteEngine(choice: PermuteChoice): Engine {
  const first = multiplyAddEngine({ vectorBytes: VECTOR_BYTES, vnni: choice.vnni });
  return {
    name: 'AVX-512 VBMI look-up',
    rows: 1,
    channelMultiple: BLOCK,
    windowMultiple: first.windowMultiple,
    layer(layer, sizes) {
      // Windows of few bytes are not worth their tables; bytes behind a window may be anything, and would be summed.
      const fewBytes = layer.input.channels < MANY_BYTES || layer.input.channels !== sizes.channels;
      if (layer.signed && fewBytes) return first.layer(layer, sizes);
      if (!isSingle(layer) || sizes.tiles >= TILE / 2) return permuteLayer(layer, sizes, choice);
      // So few images leave most of a tile empty.
      if (sizes.channels % 8 !== 0) return first.layer(layer, sizes);
      return lookupLayer(layer, sizes, { vectorBytes: VECTOR_BYTES, ...choice }) ?? first.layer(layer, sizes);
    },
  };
}

function isSingle({ convolved, padding }: IntegerLayer): boolean {
  return convolved.height * convolved.width === 1 && padding === 0;
}

function permuteLayer(layer: IntegerLayer, sizes: LayerSizes, choice: PermuteChoice): LayerProgram {
  const { output } = layer;
  const single = isSingle(layer);
  const images = single ? Math.min(IMAGES, sizes.tiles) : 1;
  const taps = layer.kernelHeight * layer.kernelWidth;
  const blocks = sizes.outputs / BLOCK;
  let band = output.height;
  let split = blocks;
  const workItems = () =>
    Math.ceil(output.height / band) * (blocks / split) * Math.ceil(sizes.tiles / images);
  // More and smaller work-items make some tables twice, so only as many as the cores need.
  while (workItems() < choice.workItems && band > 4) band = Math.ceil(band / 2);
  while (workItems() < choice.workItems && split % 2 === 0) split /= 2;
  const row = {
    HEIGHT: 1,
    WIDTH: images,
    CONVOLVED_WIDTH: images,
    OUT_WIDTH: images,
    CHANNELS: sizes.channels * taps,
  };
  return {
    source: readKernelSource('cpu/vectors.cl', 'cpu/permute.cl'),
    options: defineOptions({
      ...geometry(layer, sizes),
      ...(single && { ...row, KERNEL_HEIGHT: 1, KERNEL_WIDTH: 1 }),
      VECTOR_BYTES,
      ROW_OF_IMAGES: single ? 1 : 0,
      PLANES: layer.signed || sizes.top > 15 ? 2 : 1,
      ...(single || taps === 1 ? ONE_TAP : SEVERAL_TAPS),
      BAND: band,
      SPLIT: split,
    }),
    weights: packPatterns(layer, sizes, single),
    requantization: byQuarters(padRequantization(layer.requantization, sizes.outputs), VECTOR_BYTES),
    globalSize: (tiles) => [blocks / split, Math.ceil(output.height / band), Math.ceil(tiles / images)],
    localSize: [1, 1, 1],
  };
}

/** [OUTPUTS / 128][ky][GROUPS][kx][128]: bit j of a byte is set where the sign of channel 6 g + j is +1. */
function packPatterns(layer: IntegerLayer, { channels, outputs }: LayerSizes, single: boolean): Uint8Array {
  const { signs, input } = layer;
  const taps = layer.kernelHeight * layer.kernelWidth;
  const [height, width] = single ? [1, 1] : [layer.kernelHeight, layer.kernelWidth];
  const groups = Math.ceil((single ? channels * taps : channels) / GROUP);
  const packed = new Uint8Array(outputs * height * width * groups);
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        if (signs[(o * input.channels + c) * taps + tap]! <= 0) continue;
        const [ky, kx] = single ? [0, 0] : [Math.floor(tap / width), tap % width];
        const channel = single ? tap * channels + c : c;
        const block = Math.floor(o / BLOCK) * height + ky;
        const pattern = (block * groups + Math.floor(channel / GROUP)) * width + kx;
        packed[pattern * BLOCK + (o % BLOCK)]! |= 1 << (channel % GROUP);
      }
  return packed;
}
