import { quantileSorted } from 'simple-statistics';
import { medianOfSorted, sorted } from './percentiles';
import { Random } from './random';

/** An interval that is meant to hold the true value with the given confidence. */
export interface Interval {
  low: number;
  high: number;
  /** Such as 0.95. */
  confidence: number;
}

/**
 * The median of each resample, in the order of their drawing. A resample of n values is n uniform numbers u, each of
 * which takes the value at place floor(n u) of the sorted source: its k-th smallest value stands where the k-th
 * smallest u does. Sums of exponential steps, divided by the sum of all n + 1, are the sorted u (L. Devroye,
 * "Non-Uniform Random Variate Generation", 1986, V.2), and a sum of k such steps is one gamma variate: three of them
 * say what n draws would.
 */
function drawnMedians(sortedSource: Float64Array, resamples: number, seed: number): Float64Array {
  const random = new Random(seed);
  const n = sortedSource.length;
  const isOdd = n % 2 === 1;
  const medians = new Float64Array(resamples);
  const valueAt = (u: number) => sortedSource[Math.min(n - 1, Math.floor(n * u))]!;
  for (let r = 0; r < resamples; r++) {
    const toLower = random.gamma(isOdd ? (n + 1) / 2 : n / 2);
    const toUpper = toLower + (isOdd ? 0 : random.gamma(1));
    const all = toUpper + random.gamma(isOdd ? (n + 1) / 2 : n / 2);
    medians[r] = (valueAt(toLower / all) + valueAt(toUpper / all)) / 2;
  }
  return medians;
}

function middlePart(values: Float64Array, confidence: number): Interval {
  const ascending = Array.from(values.sort());
  return {
    low: quantileSorted(ascending, (1 - confidence) / 2),
    high: quantileSorted(ascending, (1 + confidence) / 2),
    confidence,
  };
}

export interface BootstrapOptions {
  confidence?: number;
  resamples?: number;
  /** The same seed gives the same interval. */
  seed?: number;
}

/**
 * Percentile bootstrap interval of the median (Efron, 1979). Assumes independent samples: time series of
 * one process drift, so take at least a few dozen, spread over the run.
 *
 * @param samples at least one value, in any order
 */
export function medianInterval(samples: ArrayLike<number>, options: BootstrapOptions = {}): Interval {
  const { confidence = 0.95, resamples = 2000, seed = 1 } = options;
  return middlePart(drawnMedians(sorted(samples), resamples, seed), confidence);
}

/**
 * Percentile bootstrap interval of the ratio of two medians, median(a) / median(b). Pairs are drawn
 * together where the samples were taken in alternation (`paired`), so that drift that falls on both cancels.
 *
 * @throws RangeError if paired samples differ in number
 */
export function medianRatioInterval(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions & { paired?: boolean } = {},
): Interval {
  const { confidence = 0.95, resamples = 2000, seed = 1, paired = false } = options;
  if (paired && a.length !== b.length) throw new RangeError('paired samples differ in number');
  const ratios = paired
    ? pairedRatios(a, b, resamples, new Random(seed))
    : unpairedRatios(sorted(a), sorted(b), resamples, seed);
  return middlePart(ratios, confidence);
}

function unpairedRatios(a: Float64Array, b: Float64Array, resamples: number, seed: number): Float64Array {
  const ofA = drawnMedians(a, resamples, seed);
  // Draws of its own: with those of a, the two would rise and fall together.
  const ofB = drawnMedians(b, resamples, seed + 1);
  return ofA.map((median, r) => median / ofB[r]!);
}

function pairedRatios(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  resamples: number,
  random: Random,
): Float64Array {
  const drawnA = new Float64Array(a.length);
  const drawnB = new Float64Array(b.length);
  const ratios = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < a.length; i++) {
      const at = random.below(a.length);
      drawnA[i] = a[at]!;
      drawnB[i] = b[at]!;
    }
    ratios[r] = medianOfSorted(drawnA.sort()) / medianOfSorted(drawnB.sort());
  }
  return ratios;
}
