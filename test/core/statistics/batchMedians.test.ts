import { describe, expect, it, vi } from 'vitest';
import { batchMedianInterval } from '../../../core/statistics/batchMedians';
import { medianInterval } from '../../../core/statistics/bootstrap';
import { Random } from '../../../core/statistics/random';

// A thousand sets each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Each value keeps this share of the one before it: AR(1), around 0. */
function series(random: Random, kept: number, n: number): number[] {
  let value = random.normal() / Math.sqrt(1 - kept ** 2);
  return Array.from({ length: n }, () => {
    const now = value;
    value = kept * value + random.normal();
    return now;
  });
}

/** Of 1,000 sets of 200 values, how many intervals hold 0. Seeded: chance is part of it. */
function covered(kept: number, intervalOf: (values: number[]) => { low: number; high: number }): number {
  const random = new Random(2026);
  let count = 0;
  for (let trial = 0; trial < 1000; trial++) {
    const { low, high } = intervalOf(series(random, kept, 200));
    if (low <= 0 && 0 <= high) count++;
  }
  return count;
}

describe('the interval of values that follow each other', () => {
  it.each([0, 0.2, 0.4, 0.6])('holds the true middle in 93 to 97 %% where %s of each is kept', (kept) => {
    const count = covered(kept, (values) => batchMedianInterval(values).interval);
    expect(count).toBeGreaterThanOrEqual(930);
    expect(count).toBeLessThanOrEqual(970);
  });

  it('is needed: one that takes them for independent holds it less often', () => {
    expect(covered(0.6, (values) => medianInterval(values, { resamples: 200 }))).toBeLessThan(850);
  });

  it("is Student's for ten values or fewer, of the numbers as SciPy gives them", () => {
    // scipy.stats.t.interval(0.95, 4, loc=mean(x), scale=sem(x)) of x = [1, 2, 4, 8, 16]
    const { value, interval } = batchMedianInterval([1, 2, 4, 8, 16]);
    expect(value).toBeCloseTo(6.2, 12);
    expect(interval.low).toBeCloseTo(-1.3731, 3);
    expect(interval.high).toBeCloseTo(13.7731, 3);
  });

  it('needs two values', () => {
    expect(() => batchMedianInterval([1])).toThrow(RangeError);
  });
});
