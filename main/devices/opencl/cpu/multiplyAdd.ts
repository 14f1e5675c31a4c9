/** Layers by byte multiply-add; maths and layouts stand in kernels/cpu/multiplyAdd.cl. */

import {
  type Engine,
  geometry,
  type LayerProgram,
  type LayerSizes,
  padRequantization,
} from '../integer/engine';
import type { IntegerLayer } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';

export interface MultiplyAddChoice {
  vectorBytes: 32 | 64;
  vnni: boolean;
}

/** Channels that one multiply-add takes together. */
const QUAD = 4;
const PIXELS = 4;
/** Units of four pixels, or of one pool window, that a work-item takes. */
const UNITS = 32;

export function multiplyAddEngine(choice: MultiplyAddChoice): Engine {
  return {
    name: `${choice.vectorBytes === 64 ? 'AVX-512' : 'AVX2'}${choice.vnni ? ' VNNI' : ''} multiply-add`,
    rows: 1,
    channelMultiple: 64,
    windowMultiple: QUAD,
    layer: (layer, sizes) => multiplyAddLayer(layer, sizes, choice),
  };
}

function multiplyAddLayer(layer: IntegerLayer, sizes: LayerSizes, choice: MultiplyAddChoice): LayerProgram {
  const { output } = layer;
  const vectors = choice.vectorBytes === 64 ? 4 : 2;
  const block = (vectors * choice.vectorBytes) / 4;
  const single = output.height * output.width === 1 && !layer.pool;
  const pixelsAUnit = layer.pool ? 1 : PIXELS;
  const units = Math.ceil((output.height * output.width) / pixelsAUnit);
  const options = {
    ...geometry(layer, sizes),
    VECTOR_BYTES: choice.vectorBytes,
    VNNI: choice.vnni ? 1 : 0,
    VECTORS: vectors,
    SINGLE: single ? 1 : 0,
    PIXELS_A_UNIT: pixelsAUnit,
    UNITS: Math.min(UNITS, units),
  };
  return {
    source: readKernelSource('cpu/vectors.cl', 'cpu/multiplyAdd.cl'),
    options: defineOptions(options),
    weights: packQuads(layer, sizes, block),
    requantization: padRequantization(layer.requantization, sizes.outputs),
    globalSize: (images) =>
      single ? [sizes.outputs / block, 1] : [Math.ceil(units / options.UNITS), images],
    localSize: [1, 1],
  };
}

/** [OUTPUTS / block][tap][CHANNELS / 4][block][4 channels] */
export function packQuads(layer: IntegerLayer, { channels, outputs }: LayerSizes, block: number): Uint8Array {
  const taps = layer.kernelHeight * layer.kernelWidth;
  const packed = new Int8Array(outputs * taps * channels);
  const { signs, input } = layer;
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        const quad = (Math.floor(o / block) * taps + tap) * (channels / 4) + Math.floor(c / 4);
        packed[(quad * block + (o % block)) * 4 + (c % 4)] = signs[(o * input.channels + c) * taps + tap]!;
      }
  return new Uint8Array(packed.buffer);
}
