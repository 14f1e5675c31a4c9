/**
 * One-bit weights: the packed form of {@link BinaryTensor}. sign(0) = 0 in binarized networks, so a tensor
 * that holds a 0 has three values and is refused here; it must stay real.
 */
import { WorkbenchError } from '../errors';
import type { BinaryTensor, RealTensor, Tensor } from './model';

/** Bytes of one packed row of a tensor of this shape: a bit for each element behind the first dimension. */
export function bytesPerRow(shape: readonly number[]): number {
  return Math.ceil(elementsPerRow(shape) / 8);
}

/** Product of the dimensions behind the first one; 1 for a vector. */
export function elementsPerRow(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

/** Whether every value is +1 or -1, so that {@link packBinary} accepts the tensor. */
export function isBinary(tensor: RealTensor): boolean {
  return tensor.data.every((value) => value === 1 || value === -1);
}

/**
 * Packs a tensor of +1 and -1.
 * @param name of the tensor, for the error
 * @throws WorkbenchError `refused-file` where a value is 0 or anything else but +1 and -1
 */
export function packBinary(tensor: RealTensor, name: string): BinaryTensor {
  const { shape, data } = tensor;
  const rowElements = elementsPerRow(shape);
  const rowBytes = bytesPerRow(shape);
  const bits = new Uint8Array(shape[0]! * rowBytes);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value !== 1 && value !== -1) throw notBinary(value, i, name);
    const k = i % rowElements;
    if (value === 1) bits[Math.floor(i / rowElements) * rowBytes + (k >> 3)]! |= 1 << (k & 7);
  }
  return { kind: 'binary', shape: [...shape], bits };
}

/** The tensor as floats, row-major; a real tensor's own data. */
export function realValues(tensor: Tensor): Float32Array {
  if (tensor.kind === 'real') return tensor.data;
  const { shape, bits } = tensor;
  const rowElements = elementsPerRow(shape);
  const rowBytes = bytesPerRow(shape);
  const data = new Float32Array(shape[0]! * rowElements);
  for (let row = 0; row < shape[0]!; row++) {
    for (let k = 0; k < rowElements; k++) {
      const bit = (bits[row * rowBytes + (k >> 3)]! >> (k & 7)) & 1;
      data[row * rowElements + k] = bit === 1 ? 1 : -1;
    }
  }
  return data;
}

/** The inverse of {@link packBinary}. */
export function unpackBinary(tensor: BinaryTensor): RealTensor {
  return { kind: 'real', shape: [...tensor.shape], data: realValues(tensor) };
}

function notBinary(value: number, index: number, name: string): WorkbenchError {
  const message =
    value === 0
      ? `${name} holds a 0 (element ${index}), which one bit cannot store: sign(0) is 0, not +1`
      : `${name} holds ${value} (element ${index}), where a binary tensor holds only +1 and -1`;
  return new WorkbenchError('refused-file', message, {
    where: name,
    remedy: 'Store this tensor as real numbers.',
  });
}
