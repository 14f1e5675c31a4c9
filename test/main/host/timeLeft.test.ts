import { expect, it } from 'vitest';
import { TimeLeft } from '../../../main/host/timeLeft';

it('knows nothing before the first images are done', () => {
  const timeLeft = new TimeLeft([1, 1]);
  timeLeft.beginSetup(0, 0);
  expect(timeLeft.estimate(5000)).toBeNull();
  timeLeft.endSetup(0, 6000);
  expect(timeLeft.estimate(7000)).toBeNull();
});

it('counts the set-ups and weighs the images by the work of the network', () => {
  const timeLeft = new TimeLeft([1, 3]);
  timeLeft.beginSetup(0, 0);
  timeLeft.endSetup(0, 10_000);
  timeLeft.worked(0, 0.5, 2000);
  // Half of the first run's images took 2 s: 2 s for the rest, 10 s of set-up, 3 x 4 s for the second run.
  expect(timeLeft.estimate(12_000)).toBeCloseTo(24);
  timeLeft.worked(0, 1, 2000);
  timeLeft.end(0);
  timeLeft.beginSetup(1, 14_000);
  expect(timeLeft.estimate(18_000)).toBeCloseTo(6 + 12);
  timeLeft.endSetup(1, 24_000);
  expect(timeLeft.estimate(24_000)).toBeCloseTo(12);
  timeLeft.worked(1, 1, 12_000);
  expect(timeLeft.estimate(36_000)).toBeCloseTo(0);
});

it('counts runs that take turns by what each has done', () => {
  const timeLeft = new TimeLeft([1, 1]);
  for (const run of [0, 1]) {
    timeLeft.beginSetup(run, run * 1000);
    timeLeft.endSetup(run, run * 1000 + 1000);
  }
  timeLeft.worked(0, 0.5, 500);
  timeLeft.worked(1, 0.25, 250);
  expect(timeLeft.estimate(3000)).toBeCloseTo(1.25);
});

it('learns from a run that failed only what it did', () => {
  const timeLeft = new TimeLeft([2, 2]);
  timeLeft.beginSetup(0, 0);
  timeLeft.endSetup(0, 0);
  timeLeft.worked(0, 0.5, 3000);
  timeLeft.end(0);
  timeLeft.beginSetup(1, 3000);
  expect(timeLeft.estimate(3000)).toBeCloseTo(6);
});
