/**
 * The number formats of stored tensors. Both file formats are little-endian, and so is every machine that
 * the program runs on: float32 bytes are copied as they are.
 */
import type { ByteSource } from './byteSource';
import { refused } from './refused';

/** Bytes of one element. */
export const ELEMENT_BYTES = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float8: 1,
} as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

/** A half as a double; exact. IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The bits of the half that equals a finite float exactly, sign of zero included, or null.
 * @param bits of the float
 */
export function exactHalf(bits: number): number | null {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent > 0) {
    return exponent < 31 && (fraction & 0x1fff) === 0 ? sign | (exponent << 10) | (fraction >>> 13) : null;
  }
  if (exponent === -112 && fraction === 0) return sign;
  // A subnormal half: the float's whole significand, shifted down to multiples of 2^-24.
  const significand = fraction | 0x800000;
  const shift = 14 - exponent;
  return shift <= 23 && significand % 2 ** shift === 0 ? sign | (significand >>> shift) : null;
}

let halves: Float32Array | null = null;

/** Every half, by its bits. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits));
  return halves;
}

const CHUNK_BYTES = 2 ** 20;

/**
 * Reads `count` neighbouring elements as floats; a double is rounded.
 * @throws WorkbenchError `refused-file` where the elements are integers, or the file ends before
 */
export async function readFloats(
  source: ByteSource,
  offset: number,
  count: number,
  type: ElementType,
  place: string,
): Promise<Float32Array> {
  const floats = new Float32Array(count);
  const elementBytes = ELEMENT_BYTES[type];
  const chunkElements = CHUNK_BYTES / elementBytes;
  for (let done = 0; done < count; done += chunkElements) {
    const length = Math.min(chunkElements, count - done);
    const bytes = await source.read(offset + done * elementBytes, length * elementBytes, place);
    if (!decode(type, bytes, floats.subarray(done, done + length))) {
      throw refused(source.file, place, `its numbers are ${type}, and weights have a fraction`);
    }
  }
  return floats;
}

/** Whether the type is one of real numbers, and then its elements as floats in `target`. */
function decode(type: ElementType, bytes: Uint8Array, target: Float32Array): boolean {
  switch (type) {
    case 'float32':
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
      return true;
    case 'float16': {
      const table = halfTable();
      for (let i = 0; i < target.length; i++) target[i] = table[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
      return true;
    }
    case 'bfloat16': {
      // The upper half of a float32.
      const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
      for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
      return true;
    }
    case 'float64':
      target.set(new Float64Array(bytes.slice().buffer));
      return true;
    default:
      return false;
  }
}
