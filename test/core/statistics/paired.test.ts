import { describe, expect, it } from 'vitest';
import { confusionMatrix } from '../../../core/statistics/confusion';
import { comparePaired, mcnemarExact } from '../../../core/statistics/mcnemar';

describe('McNemar, exact', () => {
  // scipy.stats.binomtest(a, a + b, 0.5).pvalue
  it.each([
    [10, 2, 0.03857421875],
    [101, 59, 0.0011229051962340462],
    [0, 5, 0.0625],
    [1, 1, 1],
    [37, 40, 0.8198929037490488],
    [350, 261, 0.0003627338660568238],
  ])('%i against %i', (a, b, expected) => {
    expect(Math.abs(mcnemarExact(a, b) / expected - 1)).toBeLessThan(1e-9);
    expect(mcnemarExact(b, a)).toBeCloseTo(mcnemarExact(a, b), 12);
  });

  it('is 1 for models that never differ', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
  });

  it('lists every image on which two models disagree', () => {
    const outcome = comparePaired([1, 2, 3, 4], [1, 2, 4, 5], [1, 0, 3, 9]);
    expect(outcome).toMatchObject({ bothRight: 1, onlyFirstRight: 1, onlySecondRight: 0, bothWrong: 2 });
    expect(outcome.disagreements).toEqual([2, 3]);
  });

  it('refuses models that saw different images', () => {
    expect(() => comparePaired([1], [1, 2], [1, 2])).toThrow(RangeError);
  });
});

describe('confusion matrix', () => {
  it('counts, and leaves what has no images undefined', () => {
    const { counts, precision, recall } = confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 3);
    expect(Array.from(counts)).toEqual([1, 0, 0, 1, 2, 0, 0, 0, 0]);
    expect(precision).toEqual([0.5, 1, null]);
    expect(recall).toEqual([1, 2 / 3, null]);
  });

  it('refuses a class that does not exist', () => {
    expect(() => confusionMatrix([3], [0], 3)).toThrow(RangeError);
  });
});
