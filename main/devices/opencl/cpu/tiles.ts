/** Layers on AMX tiles; maths and layouts stand in kernels/cpu/tiles.cl. */

import {
  type Engine,
  geometry,
  type LayerProgram,
  type LayerSizes,
  padRequantization,
} from '../integer/engine';
import type { IntegerLayer } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';

/** What the tuner may choose. */
export interface TileChoice {
  /** Whether a work-item takes all its pixels for 32 outputs before the next 32. */
  outputsOutside: boolean;
  /** Units of two pixels, or of one pool window, that a work-item takes. */
  units: number;
}

const ROWS = 16;
const BLOCK = 32;
const DEPTH = 64;

export function tilesEngine(choice: TileChoice): Engine {
  return {
    name: 'AMX tiles',
    rows: ROWS,
    channelMultiple: DEPTH,
    windowMultiple: DEPTH,
    layer: (layer, sizes) => tilesLayer(layer, sizes, choice),
  };
}

function tilesLayer(layer: IntegerLayer, sizes: LayerSizes, choice: TileChoice): LayerProgram {
  const { output } = layer;
  const single = output.height * output.width === 1 && !layer.pool;
  const pixelsAUnit = layer.pool ? 1 : 2;
  const units = Math.ceil((output.height * output.width) / pixelsAUnit);
  const options = {
    ...geometry(layer, sizes),
    SINGLE: single ? 1 : 0,
    PIXELS_A_UNIT: pixelsAUnit,
    UNITS: Math.min(choice.units, units),
    OUTPUTS_OUTSIDE: choice.outputsOutside ? 1 : 0,
  };
  return {
    source: readKernelSource('cpu/tiles.cl'),
    options: defineOptions(options),
    weights: packTiles(layer, sizes),
    requantization: padRequantization(layer.requantization, sizes.outputs),
    globalSize: (tiles) => (single ? [sizes.outputs / BLOCK, 1] : [Math.ceil(units / options.UNITS), tiles]),
    localSize: [1, 1],
  };
}

/** [OUTPUTS / 32][tap][CHANNELS / 64][2][16][16 outputs][4 channels] */
export function packTiles(layer: IntegerLayer, { channels, outputs }: LayerSizes): Uint8Array {
  const taps = layer.kernelHeight * layer.kernelWidth;
  const packed = new Int8Array(outputs * taps * channels);
  const { signs, input } = layer;
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        const block = (Math.floor(o / BLOCK) * taps + tap) * (channels / DEPTH) + Math.floor(c / DEPTH);
        const half = Math.floor((o % BLOCK) / 16);
        const column = Math.floor((c % DEPTH) / 4) * 64 + (o % 16) * 4 + (c % 4);
        packed[(block * 2 + half) * 1024 + column] = signs[(o * input.channels + c) * taps + tap]!;
      }
  return new Uint8Array(packed.buffer);
}
