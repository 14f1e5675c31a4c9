/**
 * How the portable kernels lay activations in memory: [image][row][column][channel] floats, with a border of
 * zeros around each image as wide as the zero padding of the layer that reads it.
 */
import type { Shape } from '../../../../core/network/topology';

export interface ActivationLayout {
  shape: Shape;
  border: number;
  /** From a row to the next one, in floats. */
  row: number;
  /** From an image to the next one, in floats. */
  image: number;
  /** Before the first pixel inside the border, in floats. */
  origin: number;
}

export function activationLayout(shape: Shape, border: number): ActivationLayout {
  const row = (shape.width + 2 * border) * shape.channels;
  return {
    shape,
    border,
    row,
    image: (shape.height + 2 * border) * row,
    origin: border * (row + shape.channels),
  };
}
