/** The same figures by SciPy. recorded/make.py makes them; it takes half a minute, so its answers are recorded. */
import { describe, expect, it } from 'vitest';
import { medianInterval } from '../../../core/statistics/bootstrap';
import { mcnemarExact } from '../../../core/statistics/mcnemar';
import { classifyOutliers } from '../../../core/statistics/outliers';
import { quantile } from '../../../core/statistics/percentiles';
import { wilsonInterval } from '../../../core/statistics/wilson';
import recorded from './recorded/scipy.json';

const names = ['lognormal', 'even', 'outliers'] as const;

describe('as SciPy computes them', () => {
  it.each(names)('quantiles and outliers of %s samples', (name) => {
    const samples = recorded.samples[name];
    for (const [p, value] of recorded.quantiles[name]) expect(quantile(samples, p!)).toBeCloseTo(value!, 10);
    const { lowSevere, lowMild, highMild, highSevere } = classifyOutliers(samples);
    expect([lowSevere, lowMild, highMild, highSevere]).toEqual(recorded.outliers[name]);
  });

  it.each(names)('the bootstrap interval of the median of %s samples, but for what is drawn', (name) => {
    const samples = recorded.samples[name];
    const [low, high] = recorded.medianIntervals[name];
    const interval = medianInterval(samples, { resamples: 20_000 });
    // The medians of resamples lie on few values, so the ends are equal or a neighbour of each other.
    const tolerance = 0.1 * (high! - low!);
    expect(Math.abs(interval.low - low!)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(interval.high - high!)).toBeLessThanOrEqual(tolerance);
  });

  it('Wilson intervals', () => {
    for (const [right, total, low, high] of recorded.wilson) {
      const interval = wilsonInterval(right!, total!);
      expect([interval.low, interval.high]).toEqual([expect.closeTo(low!, 10), expect.closeTo(high!, 10)]);
    }
  });

  it("McNemar's exact test", () => {
    for (const [b, c, p] of recorded.mcnemar) expect(mcnemarExact(b!, c!)).toBeCloseTo(p!, 9);
  });
});
