/** How shapes go through the layers of a topology. */
import { unreachable, WorkbenchError } from '../errors';
import type { Layer, Shape, Topology } from './topology';

/** `128 x 16 x 16`, channels first. */
export function shapeText({ channels, height, width }: Shape): string {
  return `${channels} x ${height} x ${width}`;
}

/** Numbers in one activation of this shape. */
export function elements({ channels, height, width }: Shape): number {
  return channels * height * width;
}

/** `conv1`, or the kind and position of a layer without a name: `maxPool (layer 3)`. */
export function layerName(layer: Layer, index: number): string {
  return 'name' in layer ? layer.name : `${layer.kind} (layer ${index + 1})`;
}

/**
 * The shape behind each layer.
 * @throws WorkbenchError `refused-file` where a layer does not fit the shape before it, or the last shape is
 *   not one number a class
 */
export function layerShapes(topology: Topology): Shape[] {
  let shape = topology.input;
  requirePositive({ ...shape, classes: topology.classes }, 'the input shape');
  const shapes = topology.layers.map((layer, index) => {
    shape = outputShape(layer, shape, layerName(layer, index));
    return shape;
  });
  if (shape.channels !== topology.classes || shape.height !== 1 || shape.width !== 1) {
    throw refused(
      `the network ends in ${shapeText(shape)}, not in ${topology.classes} classes`,
      'last layer',
    );
  }
  return shapes;
}

function outputShape(layer: Layer, input: Shape, where: string): Shape {
  switch (layer.kind) {
    case 'linear':
      requirePositive({ inputs: layer.inputs, outputs: layer.outputs }, where);
      if (input.height !== 1 || input.width !== 1) {
        throw refused(
          `${where} needs a flat vector but gets ${shapeText(input)}`,
          where,
          'Put a flatten before it.',
        );
      }
      requireChannels(layer.inputs, input, where);
      return { channels: layer.outputs, height: 1, width: 1 };
    case 'convolution': {
      const { inputs, outputs, kernelHeight, kernelWidth, stride, padding } = layer;
      requirePositive({ inputs, outputs, kernelHeight, kernelWidth, stride }, where);
      if (!Number.isInteger(padding) || padding < 0) throw refused(`${where} has padding ${padding}`, where);
      requireChannels(inputs, input, where);
      const padded = {
        channels: inputs,
        height: input.height + 2 * padding,
        width: input.width + 2 * padding,
      };
      return { ...slide(padded, kernelHeight, kernelWidth, stride, where), channels: outputs };
    }
    case 'maxPool':
      requirePositive({ size: layer.size, stride: layer.stride }, where);
      return slide(input, layer.size, layer.size, layer.stride, where);
    case 'batchNorm':
      requireChannels(layer.channels, input, where);
      return input;
    case 'relu':
      return input;
    case 'flatten':
      return { channels: elements(input), height: 1, width: 1 };
    default:
      return unreachable(layer);
  }
}

/** Positions of a window that stays inside the image; what is left over at the right and bottom is not used. */
function slide(image: Shape, height: number, width: number, stride: number, where: string): Shape {
  if (height > image.height || width > image.width) {
    throw refused(
      `${where} has a ${height} x ${width} window, larger than its input ${shapeText(image)}`,
      where,
    );
  }
  return {
    channels: image.channels,
    height: Math.floor((image.height - height) / stride) + 1,
    width: Math.floor((image.width - width) / stride) + 1,
  };
}

function requireChannels(expected: number, input: Shape, where: string): void {
  if (expected !== input.channels) {
    throw refused(`${where} expects ${expected} channels but gets ${shapeText(input)}`, where);
  }
}

function requirePositive(sizes: Record<string, number>, where: string): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) throw refused(`${name} of ${where} is ${size}`, where);
  }
}

function refused(
  message: string,
  where: string,
  remedy = 'Correct the description of the network.',
): WorkbenchError {
  return new WorkbenchError('refused-file', message, { where, remedy });
}
