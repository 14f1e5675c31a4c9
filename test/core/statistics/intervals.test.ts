import { describe, expect, it, vi } from 'vitest';
import { medianInterval, medianRatioInterval } from '../../../core/statistics/bootstrap';
import { classifyOutliers } from '../../../core/statistics/outliers';
import { median, quantile } from '../../../core/statistics/percentiles';
import { Random } from '../../../core/statistics/random';
import { testRandom } from '../../random';

// Thousands of resamples on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const random = testRandom('statistics/intervals');

describe('bootstrap interval of the median', () => {
  it('agrees with scipy.stats.bootstrap(method="percentile") on the same samples', () => {
    const samples = [2.1, 3.4, 1.9, 5.6, 2.2, 2.8, 9.1, 2.5, 2.4, 3.0, 2.7];
    const { low, high } = medianInterval(samples, { resamples: 20_000 });
    expect(low).toBeCloseTo(2.2, 9);
    expect(high).toBeCloseTo(3.4, 9);
  });

  it('of many samples is where the binomial distribution puts it', () => {
    const count = 100_001;
    const { low, high } = medianInterval(Float64Array.from({ length: count }, (_, i) => i));
    const middle = (count - 1) / 2;
    const half = (1.96 * Math.sqrt(count)) / 2;
    expect(Math.abs(low - (middle - half))).toBeLessThan(0.1 * half);
    expect(Math.abs(high - (middle + half))).toBeLessThan(0.1 * half);
  });

  it.each([1, 2, 7, 8])('of %i samples is that of drawing them one by one', (count) => {
    // Seeded: two histograms of as many draws differ by chance.
    const source = new Random(2026);
    const samples = Float64Array.from({ length: count }, (_, i) => (i + 1) ** 2);
    const resamples = 100_000;
    const medians = Float64Array.from({ length: resamples }, () =>
      median(Float64Array.from({ length: count }, () => samples[source.below(count)]!)),
    );
    for (const confidence of [0.1, 0.25, 0.5, 0.75, 0.9]) {
      const { low, high } = medianInterval(samples, { resamples, confidence });
      expect(low).toBe(quantile(medians, (1 - confidence) / 2));
      expect(high).toBe(quantile(medians, (1 + confidence) / 2));
    }
  });

  it('gives the same interval for the same seed', () => {
    const samples = Array.from({ length: 40 }, () => random.normal());
    expect(medianInterval(samples, { seed: 7 })).toEqual(medianInterval(samples, { seed: 7 }));
  });

  it.each([
    { name: 'normal', draw: (r: Random) => r.normal(), truth: 0 },
    { name: 'exponential', draw: (r: Random) => -Math.log(1 - r.unit()), truth: Math.LN2 },
    { name: 'log-normal', draw: (r: Random) => Math.exp(r.normal()), truth: 1 },
  ])('holds the true median of 1,000 sets of $name samples in 93 to 97 % of cases', ({ draw, truth }) => {
    // Seeded: whether a sound method covers 93 to 97 % of 1,000 trials is itself a matter of chance.
    const source = new Random(2026);
    let covered = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const samples = Array.from({ length: 60 }, () => draw(source));
      const { low, high } = medianInterval(samples, { resamples: 400, seed: trial });
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(930);
    expect(covered).toBeLessThanOrEqual(970);
  });
});

describe('bootstrap interval of a ratio', () => {
  it('is narrower for pairs that drift together than for the same samples unpaired', () => {
    const a: number[] = [];
    const b: number[] = [];
    for (let i = 0; i < 60; i++) {
      const drift = 1 + i / 60;
      a.push(2 * drift * (1 + 0.01 * random.normal()));
      b.push(drift * (1 + 0.01 * random.normal()));
    }
    const paired = medianRatioInterval(a, b, { paired: true });
    const unpaired = medianRatioInterval(a, b);
    expect(paired.high - paired.low).toBeLessThan(unpaired.high - unpaired.low);
    expect(paired.low).toBeLessThan(2.05);
    expect(paired.high).toBeGreaterThan(1.95);
  });

  it('refuses pairs that differ in number', () => {
    expect(() => medianRatioInterval([1, 2], [1], { paired: true })).toThrow(RangeError);
  });
});

describe('percentiles and outliers', () => {
  it('interpolates between neighbours, as NumPy does', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBeCloseTo(9.1, 12);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it("classes samples by Tukey's fences and drops none", () => {
    const samples = [-100, -9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 19, 100];
    expect(classifyOutliers(samples)).toEqual({
      lowSevere: 1,
      lowMild: 1,
      highMild: 1,
      highSevere: 1,
      total: 4,
    });
    expect(classifyOutliers([5, 5, 5])).toMatchObject({ total: 0 });
  });
});
