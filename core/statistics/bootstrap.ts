import { quantileSorted } from 'simple-statistics';
import { sorted } from './percentiles';
import { Random } from './random';

/** An interval that is meant to hold the true value with the given confidence. */
export interface Interval {
  low: number;
  high: number;
  /** Such as 0.95. */
  confidence: number;
}

/** A file may hold millions of samples: with more the draws of 2000 resamples would take minutes. */
const MOST_DRAWN_ONE_BY_ONE = 100_000;
/** Pairs are sorted in each resample. Of more, every second one is taken, every third, …: a wider interval. */
const MOST_PAIRS = 10_000;

/** Median of a sorted array without copying it. */
function medianOfSorted(values: Float64Array): number {
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

/** For each resample the two places in the sorted source between which its median lies. */
interface DrawnPlaces {
  lower: Uint32Array;
  upper: Uint32Array;
}

/**
 * Draws as many places as there are, with replacement, for each resample. Which values stand there has no part in
 * it: sources of the same length share their draws, and a session of hundreds of runs draws once.
 */
function drawPlaces(n: number, resamples: number, seed: number): DrawnPlaces {
  const random = new Random(seed);
  if (n > MOST_DRAWN_ONE_BY_ONE) return drawPlacesOfMany(n, resamples, random);
  const counts = new Uint32Array(n);
  const [lower, upper] = [new Uint32Array(resamples), new Uint32Array(resamples)];
  const middle = n >> 1;
  const beforeMiddle = n % 2 === 1 ? middle : middle - 1;
  for (let r = 0; r < resamples; r++) {
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[random.below(n)]!++;
    let place = -1;
    let passed = 0;
    while (passed <= beforeMiddle) passed += counts[++place]!;
    lower[r] = place;
    while (passed <= middle) passed += counts[++place]!;
    upper[r] = place;
  }
  return { lower, upper };
}

/**
 * The median of a resample lies at place k or before where at least half of its n draws do: a binomial count with mean
 * k and, near the middle, deviation sqrt(n) / 2. With this many draws that is a normal one, and the place is too.
 */
function drawPlacesOfMany(n: number, resamples: number, random: Random): DrawnPlaces {
  const places = Uint32Array.from({ length: resamples }, () => {
    const place = Math.floor(n / 2 + (Math.sqrt(n) / 2) * random.normal());
    return Math.min(n - 1, Math.max(0, place));
  });
  return { lower: places, upper: places };
}

/** What was drawn last, 16 KB an entry. */
const drawn = new Map<string, DrawnPlaces>();
const MOST_DRAWN = 128;

function placesFor(n: number, resamples: number, seed: number): DrawnPlaces {
  const key = `${n} ${resamples} ${seed}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const [oldest] = drawn.keys();
  if (drawn.size >= MOST_DRAWN && oldest !== undefined) drawn.delete(oldest);
  const places = drawPlaces(n, resamples, seed);
  drawn.set(key, places);
  return places;
}

/** The median of each resample, in the order of their drawing. */
function drawnMedians(sortedSource: Float64Array, resamples: number, seed: number): Float64Array {
  const { lower, upper } = placesFor(sortedSource.length, resamples, seed);
  const medians = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    medians[r] = (sortedSource[lower[r]!]! + sortedSource[upper[r]!]!) / 2;
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
    ? pairedRatios(thinned(a), thinned(b), resamples, new Random(seed))
    : unpairedRatios(sorted(a), sorted(b), resamples, seed);
  return middlePart(ratios, confidence);
}

function unpairedRatios(a: Float64Array, b: Float64Array, resamples: number, seed: number): Float64Array {
  const ofA = drawnMedians(a, resamples, seed);
  // Draws of its own: with those of a, the two would rise and fall together.
  const ofB = drawnMedians(b, resamples, seed + 1);
  return ofA.map((median, r) => median / ofB[r]!);
}

function thinned(values: ArrayLike<number>): Float64Array {
  const step = Math.ceil(values.length / MOST_PAIRS);
  return Float64Array.from(
    { length: Math.ceil(values.length / Math.max(1, step)) },
    (_, i) => values[i * step]!,
  );
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
