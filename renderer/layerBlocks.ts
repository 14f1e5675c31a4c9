/** A network as the blocks of its drawing: a multiplication with what follows it, or a step that stands alone. */
import { layerCost } from '../core/network/cost';
import { layerName, layerShapes } from '../core/network/shapes';
import type { Layer, Shape, Topology } from '../core/network/topology';
import { layerTitle, shapeText } from './layerRows';

export interface LayerBlock {
  /** Of the layer with weights, as in the model's tensors; of the first layer where there is none. */
  name: string;
  title: string;
  /** What follows in the same block: `max pool 2x2, batch norm, ReLU`. */
  followers: string;
  weights: 'binary' | 'real' | null;
  parameters: number;
  /** To store its parameters: one for a binary weight, 32 for any other number. */
  bits: number;
  multiplyAdds: number;
  output: string;
  /** How large the output is, for the width of its bar: the number of its values. */
  outputValues: number;
}

const REAL_BITS = 32;

const hasWeights = (layer: Layer) => layer.kind === 'linear' || layer.kind === 'convolution';

export function layerBlocks(topology: Topology): LayerBlock[] {
  const shapes = layerShapes(topology);
  const groups: { layer: Layer; shape: Shape; index: number }[][] = [];
  topology.layers.forEach((layer, index) => {
    const shape = shapes[index];
    if (shape === undefined) return;
    const last = groups.at(-1);
    if (last === undefined || hasWeights(layer)) groups.push([{ layer, shape, index }]);
    else last.push({ layer, shape, index });
  });
  return groups.flatMap(([head, ...followers]) => {
    if (head === undefined) return [];
    const all = [head, ...followers];
    const cost = layerCost(head.layer, head.shape);
    const parameters = all.reduce((sum, { layer, shape }) => sum + layerCost(layer, shape).parameters, 0);
    const { channels, height, width } = all.at(-1)?.shape ?? head.shape;
    return {
      name: layerName(head.layer, head.index),
      title: layerTitle(head.layer),
      followers: followers.map(({ layer }) => layerTitle(layer)).join(', '),
      weights: 'binary' in head.layer ? (head.layer.binary ? 'binary' : 'real') : null,
      parameters,
      bits: cost.binaryParameters + REAL_BITS * (parameters - cost.binaryParameters),
      multiplyAdds: cost.multiplyAdds,
      output: shapeText({ channels, height, width }),
      outputValues: channels * height * width,
    } satisfies LayerBlock;
  });
}
