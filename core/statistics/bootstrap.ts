import { quantile, sorted } from './percentiles';
import { Random } from './random';

/** An interval that is meant to hold the true value with the given confidence. */
export interface Interval {
  low: number;
  high: number;
  /** Such as 0.95. */
  confidence: number;
}

/** Median of a sorted array without copying it. */
function medianOfSorted(values: Float64Array): number {
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

/**
 * Draws as many values as there are, with replacement, and returns their median. Counting how often each place of the
 * sorted source was drawn spares the sorting of what was drawn.
 *
 * @param counts as long as the source; what it held is lost
 */
function drawnMedian(sortedSource: Float64Array, counts: Uint32Array, random: Random): number {
  const n = sortedSource.length;
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[random.below(n)]!++;
  const upper = n >> 1;
  const lower = n % 2 === 1 ? upper : upper - 1;
  let place = -1;
  let passed = 0;
  while (passed <= lower) passed += counts[++place]!;
  const low = sortedSource[place]!;
  while (passed <= upper) passed += counts[++place]!;
  return (low + sortedSource[place]!) / 2;
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
  const source = sorted(samples);
  const random = new Random(seed);
  const medians = new Float64Array(resamples);
  const counts = new Uint32Array(source.length);
  for (let r = 0; r < resamples; r++) medians[r] = drawnMedian(source, counts, random);
  return {
    low: quantile(medians, (1 - confidence) / 2),
    high: quantile(medians, (1 + confidence) / 2),
    confidence,
  };
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
    ? pairedRatios(Float64Array.from(a), Float64Array.from(b), resamples, new Random(seed))
    : unpairedRatios(sorted(a), sorted(b), resamples, new Random(seed));
  return {
    low: quantile(ratios, (1 - confidence) / 2),
    high: quantile(ratios, (1 + confidence) / 2),
    confidence,
  };
}

function unpairedRatios(a: Float64Array, b: Float64Array, resamples: number, random: Random): Float64Array {
  const countsA = new Uint32Array(a.length);
  const countsB = new Uint32Array(b.length);
  const ratios = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    ratios[r] = drawnMedian(a, countsA, random) / drawnMedian(b, countsB, random);
  }
  return ratios;
}

function pairedRatios(a: Float64Array, b: Float64Array, resamples: number, random: Random): Float64Array {
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
