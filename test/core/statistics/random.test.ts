import { expect, it } from 'vitest';
import { Random } from '../../../core/statistics/random';

it('gives the same sequence for the same seed', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 5 }, () => random.uint32());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('draws each value below a bound about equally often', () => {
  const random = new Random(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
  // Chi-square with 9 degrees of freedom: above 27.9 once in a thousand seeds.
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  expect(chiSquare).toBeLessThan(27.9);
});

it('refuses a bound below which there is nothing', () => {
  for (const bound of [0, -1, 0.5, Number.NaN]) expect(() => new Random(1).below(bound)).toThrow(RangeError);
});

it.each([1, 2.5, 400])('draws gamma variates of shape %f with its mean and variance', (shape) => {
  const random = new Random(5);
  const count = 100_000;
  const values = Array.from({ length: count }, () => random.gamma(shape));
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  // Both are the shape. Five standard errors; the fourth moment is 3 shape² + 6 shape.
  expect(Math.abs(mean - shape)).toBeLessThan(5 * Math.sqrt(shape / count));
  expect(Math.abs(variance - shape)).toBeLessThan(5 * Math.sqrt((2 * shape ** 2 + 6 * shape) / count));
});

it('shuffles in place and loses nothing', () => {
  const values = new Random(3).shuffle([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(values).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([...values].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
