import type { Requantization } from '../../../../core/network/quantization';

/**
 * Output 4 i + k of each vector goes to place i of quarter k: four vectors of 32 bits, shifted and joined, then are one
 * of bytes in their order.
 */
export function byQuarters(
  { multiplier, addend, shift }: Requantization,
  vectorBytes: number,
): Requantization {
  const lanes = vectorBytes / 4;
  const reorder = (values: Int32Array) =>
    values.map((_, i) => {
      const inVector = i % vectorBytes;
      return values[i - inVector + (inVector % lanes) * 4 + Math.floor(inVector / lanes)]!;
    });
  return { multiplier: reorder(multiplier), addend: reorder(addend), shift };
}
