import { quantile } from './percentiles';
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

/** Draws `target.length` values with replacement and sorts them. */
function resample(source: Float64Array, target: Float64Array, random: Random): Float64Array {
  for (let i = 0; i < target.length; i++) target[i] = source[random.below(source.length)]!;
  return target.sort();
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
  const source = Float64Array.from(samples);
  const random = new Random(seed);
  const medians = new Float64Array(resamples);
  const target = new Float64Array(source.length);
  for (let r = 0; r < resamples; r++) medians[r] = medianOfSorted(resample(source, target, random));
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
  const first = Float64Array.from(a);
  const second = Float64Array.from(b);
  const random = new Random(seed);
  const ratios = new Float64Array(resamples);
  const drawnFirst = new Float64Array(first.length);
  const drawnSecond = new Float64Array(second.length);
  for (let r = 0; r < resamples; r++) {
    if (paired) {
      for (let i = 0; i < first.length; i++) {
        const at = random.below(first.length);
        drawnFirst[i] = first[at]!;
        drawnSecond[i] = second[at]!;
      }
      drawnFirst.sort();
      drawnSecond.sort();
    } else {
      resample(first, drawnFirst, random);
      resample(second, drawnSecond, random);
    }
    ratios[r] = medianOfSorted(drawnFirst) / medianOfSorted(drawnSecond);
  }
  return {
    low: quantile(ratios, (1 - confidence) / 2),
    high: quantile(ratios, (1 + confidence) / 2),
    confidence,
  };
}
