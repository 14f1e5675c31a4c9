import { describe, expect, it } from 'vitest';
import { pairedDifferenceInterval } from '../../../core/statistics/pairedDifference';
import { testRandom } from '../../random';

const random = testRandom('pairedDifference');

describe('the interval of a paired difference', () => {
  it('covers the true difference in about 95 % of trials', () => {
    const [n, first, second] = [400, 0.06, 0.03];
    let covered = 0;
    for (let trial = 0; trial < 2000; trial++) {
      let [onlyFirst, onlySecond] = [0, 0];
      for (let i = 0; i < n; i++) {
        const draw = random.unit();
        if (draw < first) onlyFirst++;
        else if (draw < first + second) onlySecond++;
      }
      const { low, high } = pairedDifferenceInterval(onlyFirst, onlySecond, n);
      if (low <= second - first && second - first <= high) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.93);
    expect(covered / 2000).toBeLessThan(0.975);
  });

  it('holds 0 where the two never differ, and turns with its arguments', () => {
    const { low, high } = pairedDifferenceInterval(0, 0, 100);
    expect(low).toBeLessThan(0);
    expect(high).toBe(-low);
    expect(pairedDifferenceInterval(5, 20, 100).low).toBeCloseTo(-pairedDifferenceInterval(20, 5, 100).high);
  });

  it('refuses pairs that are more than all', () => {
    expect(() => pairedDifferenceInterval(3, 3, 5)).toThrow(RangeError);
  });
});
