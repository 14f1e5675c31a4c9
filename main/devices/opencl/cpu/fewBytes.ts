/** A first layer with few bytes in a window; maths and layouts stand in kernels/cpu/fewBytes.cl. */
import { geometry, type LayerProgram, type LayerSizes, padRequantization } from '../integer/engine';
import type { IntegerLayer } from '../integer/layers';
import { defineOptions, readKernelSource } from '../kernelSource';
import { byQuarters } from './byQuarters';

/** So many that pairs of products sum in 16 bits. */
const MOST_BYTES = 256;
/** Pixels of a work-item. */
const UNIT = 128;

/** Null where the layer has more bytes in a window, or a pool. */
export function fewBytesLayer(
  layer: IntegerLayer,
  sizes: LayerSizes,
  vectorBytes: 32 | 64,
): LayerProgram | null {
  const { height, width } = layer.input;
  const taps = layer.kernelHeight * layer.kernelWidth;
  if (!layer.signed || taps !== 1 || layer.stride !== 1 || layer.pool || sizes.channels > MOST_BYTES)
    return null;
  return {
    source: readKernelSource('cpu/vectors.cl', 'cpu/fewBytes.cl'),
    options: defineOptions({ ...geometry(layer, sizes), VECTOR_BYTES: vectorBytes, UNIT }),
    weights: packQuads(layer, sizes, vectorBytes),
    requantization: byQuarters(padRequantization(layer.requantization, sizes.outputs), vectorBytes),
    globalSize: (images) => [Math.ceil((height * width) / UNIT), images],
    localSize: [1, 1],
  };
}

/** [OUTPUTS / block][CHANNELS / 4][4][block / 4][4 channels]: output 4 i + k of a block stands at [k][i]. */
function packQuads({ signs, input, convolved }: IntegerLayer, sizes: LayerSizes, block: number): Uint8Array {
  const { channels, outputs } = sizes;
  const packed = new Int8Array(outputs * channels);
  for (let o = 0; o < convolved.channels; o++)
    for (let c = 0; c < input.channels; c++) {
      const quad = Math.floor(o / block) * (channels / 4) + Math.floor(c / 4);
      const place = (o % 4) * (block / 4) + Math.floor((o % block) / 4);
      packed[(quad * block + place) * 4 + (c % 4)] = signs[o * input.channels + c]!;
    }
  return new Uint8Array(packed.buffer);
}
