import { quantileSorted } from 'simple-statistics';

/** Ascending copy: the form that the functions of this folder take where their name says so. */
export function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/**
 * The p-th quantile, p in [0, 1], of at least one value, interpolated linearly between neighbours
 * (Hyndman and Fan's definition 7, the default of NumPy and R).
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  if (values.length === 0) throw new RangeError('a quantile needs at least one value');
  return quantileSorted(Array.from(sorted(values)), p);
}

export function median(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('a median needs at least one value');
  return medianOfSorted(sorted(values));
}

/** Of an ascending array, without copying it. */
export function medianOfSorted(values: Float64Array): number {
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
