/** How networks are folded where no board limits them. */
import {
  type Folding,
  type LayerFolding,
  type LayerGeometry,
  layerGeometries,
  loaderWidth,
  possiblePe,
  possibleSimd,
} from '../../../../core/fpga/folding';
import type { Topology } from '../../../../core/network/topology';

/** An emulator computes lanes of 64 inputs at the price of one, and unrolled code costs time to compile. */
const MOST_INPUTS = 64;
const MOST_OUTPUTS = 32;

/** @param depthOf of the channel behind a layer with so many words an image */
export function emulationFolding(topology: Topology, depthOf: (wordsAnImage: number) => number): Folding {
  const layers = layerGeometries(topology);
  return {
    layers: layers.map((layer, index): LayerFolding => {
      const isLast = index === layers.length - 1;
      const pe = isLast ? layer.outputs : largest(possiblePe(layer), MOST_OUTPUTS);
      const simd = largest(possibleSimd(layer), MOST_INPUTS);
      // Before the first layer flows what its input holds, behind each what it gives.
      const whole = { name: layer.name, pe, simd, channelDepth: Number.POSITIVE_INFINITY };
      const inputs = layer.channels * layer.inputHeight * layer.inputWidth;
      const before = index === 0 ? inputs / loaderWidth(layer, whole) : 0;
      return { ...whole, channelDepth: depthOf(Math.max(before, words(layer, pe))) };
    }),
  };
}

function words(layer: LayerGeometry, pe: number): number {
  return (layer.pixels * layer.outputs) / pe;
}

function largest(possible: readonly number[], most: number): number {
  return possible.filter((value) => value <= most).at(-1) ?? 1;
}
