import { expect, it } from 'vitest';
import { TimeLeft } from '../../../main/host/timeLeft';

it('knows nothing before the first images are done', () => {
  expect(new TimeLeft([1, 1]).estimate(0, 5000)).toBeNull();
});

it('goes by the share that is done, and weighs runs by their work', () => {
  const timeLeft = new TimeLeft([1, 3]);
  expect(timeLeft.estimate(0.5, 2000)).toBeCloseTo(14); // half of 1 in 2 s, 3.5 are left
  timeLeft.runEnded(4000);
  expect(timeLeft.estimate(0, 0)).toBeCloseTo(12);
  expect(timeLeft.estimate(0.5, 6000)).toBeCloseTo(6);
  timeLeft.runEnded(12_000);
  expect(timeLeft.estimate(0, 0)).toBe(0);
});
