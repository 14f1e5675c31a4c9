/** Layers in plain OpenCL C; maths and layouts stand in kernels/portable/integerLayer.cl. */
import { defineOptions, readKernelSource } from '../kernelSource';
import { type Engine, geometry, type LayerProgram, type LayerSizes, padRequantization } from './engine';
import type { IntegerLayer } from './layers';

const BLOCK = 16;

export const portableEngine: Engine = {
  name: 'portable integers',
  rows: 1,
  channelMultiple: BLOCK,
  windowMultiple: BLOCK,
  layer: (layer: IntegerLayer, sizes: LayerSizes): LayerProgram => ({
    source: readKernelSource('portable/integerLayer.cl'),
    options: defineOptions(geometry(layer, sizes)),
    weights: packColumns(layer, sizes),
    requantization: padRequantization(layer.requantization, sizes.outputs),
    globalSize: (images) => [sizes.outputs / BLOCK, layer.output.height * layer.output.width, images],
    localSize: null,
  }),
};

/** [OUTPUTS / 16][tap][CHANNELS][16] */
function packColumns(layer: IntegerLayer, { channels, outputs }: LayerSizes): Uint8Array {
  const taps = layer.kernelHeight * layer.kernelWidth;
  const packed = new Int8Array(outputs * taps * channels);
  const { signs, input } = layer;
  for (let o = 0; o < layer.convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let tap = 0; tap < taps; tap++) {
        const column = (Math.floor(o / BLOCK) * taps + tap) * channels + c;
        packed[column * BLOCK + (o % BLOCK)] = signs[(o * input.channels + c) * taps + tap]!;
      }
  return new Uint8Array(packed.buffer);
}
