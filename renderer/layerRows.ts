import { unreachable } from '../core/errors';
import { layerCost } from '../core/network/cost';
import { layerShapes } from '../core/network/shapes';
import type { Layer, Shape, Topology } from '../core/network/topology';

/** A layer as a line of a table. */
export interface LayerRow {
  name: string;
  output: string;
  parameters: number;
  weights: 'binary' | 'real' | null;
}

export function layerTitle(layer: Layer): string {
  switch (layer.kind) {
    case 'linear':
      return 'linear';
    case 'convolution':
      return `conv ${layer.kernelHeight}x${layer.kernelWidth}`;
    case 'maxPool':
      return `max pool ${layer.size}x${layer.size}`;
    case 'batchNorm':
      return 'batch norm';
    case 'relu':
      return 'ReLU';
    case 'flatten':
      return 'flatten';
    default:
      return unreachable(layer);
  }
}

export function shapeText({ channels, height, width }: Shape): string {
  return height === 1 && width === 1 ? String(channels) : `${channels} x ${height} x ${width}`;
}

export function layerRows(topology: Topology): LayerRow[] {
  const shapes = layerShapes(topology);
  return topology.layers.map((layer, index) => ({
    name: layerTitle(layer),
    output: shapeText(shapes[index]!),
    parameters: layerCost(layer, shapes[index]!).parameters,
    weights: 'binary' in layer ? (layer.binary ? 'binary' : 'real') : null,
  }));
}
