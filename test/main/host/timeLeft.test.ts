import { expect, it } from 'vitest';
import { TimeLeft } from '../../../main/host/timeLeft';

it('knows nothing before the first images are done', () => {
  const timeLeft = new TimeLeft([1, 1]);
  timeLeft.startRun(0);
  expect(timeLeft.estimate(0, 5000)).toBeNull();
  timeLeft.startImages(6000);
  expect(timeLeft.estimate(0, 7000)).toBeNull();
});

it('counts the set-ups and weighs the images by the work of the network', () => {
  const timeLeft = new TimeLeft([1, 3]);
  timeLeft.startRun(0);
  timeLeft.startImages(10_000);
  // Half of the first run's images took 2 s: 2 s for the rest, 10 s of set-up, 3 x 4 s for the second run.
  expect(timeLeft.estimate(0.5, 12_000)).toBeCloseTo(24);
  timeLeft.endRun(1, 14_000);
  timeLeft.startRun(14_000);
  expect(timeLeft.estimate(0, 18_000)).toBeCloseTo(6 + 12);
  timeLeft.startImages(24_000);
  expect(timeLeft.estimate(0, 24_000)).toBeCloseTo(12);
  expect(timeLeft.estimate(1, 36_000)).toBeCloseTo(0);
});

it('learns from a run that failed only what it did', () => {
  const timeLeft = new TimeLeft([2, 2]);
  timeLeft.startRun(0);
  timeLeft.startImages(0);
  timeLeft.endRun(0.5, 3000);
  timeLeft.startRun(3000);
  expect(timeLeft.estimate(0, 3000)).toBeCloseTo(6);
});
