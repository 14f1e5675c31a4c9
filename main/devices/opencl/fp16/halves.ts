/** Floats to IEEE 754 binary16, as bits. */

/** The nearest halves, ties to even; what is too large becomes infinite. */
export function nearestHalves(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(words, nearestHalf);
}

/** @param bits of a float */
function nearestHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  const exponent = magnitude >>> 23;
  if (exponent >= 143) return sign | 0x7c00;
  // Below 2^-14 a half is a multiple of 2^-24, else it loses 13 of the float's 23 bits. A carry reaches the exponent.
  if (exponent >= 113) return sign | (roundedShift(magnitude, 13) - (112 << 10));
  const shift = 126 - exponent;
  return shift > 24 ? sign : sign | roundedShift((magnitude & 0x7fffff) | 0x800000, shift);
}

/** value / 2^shift, to the nearest, ties to even. */
function roundedShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const odd = Math.floor(value / 2 ** shift) % 2;
  return Math.floor((value + half - 1 + odd) / 2 ** shift);
}
