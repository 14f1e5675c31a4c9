/** What a network costs, from its topology alone. */
import { unreachable } from '../errors';
import { layerShapes } from './shapes';
import type { Layer, Shape, Topology } from './topology';

export interface NetworkCost {
  /** Multiply-adds of the linear and convolution layers for one image. */
  multiplyAdds: number;
  /** Trained numbers: weights, biases, and scale and shift of the batch norms (not their running statistics). */
  parameters: number;
  /** Those of them that are +1 or -1. */
  binaryParameters: number;
}

/** @throws WorkbenchError `refused-file` where the layers do not fit each other */
export function networkCost(topology: Topology): NetworkCost {
  const shapes = layerShapes(topology);
  const total = { multiplyAdds: 0, parameters: 0, binaryParameters: 0 };
  topology.layers.forEach((layer, index) => {
    const cost = layerCost(layer, shapes[index]!);
    total.multiplyAdds += cost.multiplyAdds;
    total.parameters += cost.parameters;
    total.binaryParameters += cost.binaryParameters;
  });
  return total;
}

/** @param output the shape behind the layer */
export function layerCost(layer: Layer, output: Shape): NetworkCost {
  switch (layer.kind) {
    case 'linear':
    case 'convolution': {
      const window = layer.kind === 'linear' ? 1 : layer.kernelHeight * layer.kernelWidth;
      const weights = layer.outputs * layer.inputs * window;
      return {
        multiplyAdds: weights * output.height * output.width,
        parameters: weights + layer.outputs,
        binaryParameters: layer.binary ? weights : 0,
      };
    }
    case 'batchNorm':
      return { multiplyAdds: 0, parameters: 2 * layer.channels, binaryParameters: 0 };
    case 'maxPool':
    case 'relu':
    case 'flatten':
      return { multiplyAdds: 0, parameters: 0, binaryParameters: 0 };
    default:
      return unreachable(layer);
  }
}
