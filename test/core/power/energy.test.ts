import { describe, expect, it } from 'vitest';
import { energyInWindow } from '../../../core/power/energy';
import type { Reading, SensorDescription } from '../../../core/power/readings';

const counter: SensorDescription = {
  id: 'rapl:package-0',
  source: 'RAPL package-0',
  origin: 'sensor',
  scope: 'package',
  kind: 'counter',
  updateMs: 1,
  averagingMs: null,
  duty: 1,
  relativeUncertainty: null,
  wrapJ: 1000,
};
const power: SensorDescription = { ...counter, id: 'hwmon:0', kind: 'power', updateMs: 100, wrapJ: null };

/** Readings every `everyMs` from 0 to `untilMs`. */
const every = (everyMs: number, untilMs: number, value: (atMs: number) => number | null): Reading[] =>
  Array.from({ length: untilMs / everyMs + 1 }, (_, i) => ({ atMs: i * everyMs, value: value(i * everyMs) }));

const window = { startMs: 1000, endMs: 3000 };

describe('energy in a window', () => {
  it('is the difference of a counter', () => {
    const energy = energyInWindow(
      counter,
      every(50, 4000, (t) => (40 * t) / 1000),
      window,
    );
    expect(energy).toMatchObject({ kind: 'measured', windowMs: 2000 });
    if (energy.kind === 'measured') {
      expect(energy.joules).toBeCloseTo(80, 9);
      expect(energy.averageW).toBeCloseTo(40, 9);
    }
  });

  it('survives a counter that wraps during the run', () => {
    const energy = energyInWindow(
      counter,
      every(50, 4000, (t) => (980 + (40 * t) / 1000) % 1000),
      window,
    );
    expect(energy.kind === 'measured' && energy.joules).toBeCloseTo(80, 6);
  });

  it('is the integral of power, interpolated at the ends', () => {
    const energy = energyInWindow(
      power,
      every(100, 4000, (t) => t / 100),
      { startMs: 1050, endMs: 2950 },
    );
    // The integral of t/100 W from 1.05 s to 2.95 s is 5 (2.95^2 - 1.05^2) J.
    expect(energy.kind === 'measured' && energy.joules).toBeCloseTo(5 * (2.95 ** 2 - 1.05 ** 2), 2);
  });

  it('states the uncertainty that the update period and the maker leave', () => {
    const energy = energyInWindow(
      { ...power, relativeUncertainty: 0.05 },
      every(100, 4000, () => 50),
      window,
    );
    expect(energy.kind === 'measured' && energy.uncertaintyJ).toBeCloseTo(50 * 0.1 + 100 * 0.05, 9);
  });
});

describe('what is not measured says why', () => {
  it.each([
    ['disappears', counter, every(50, 2000, (t) => t / 10), /silent before the run ended/],
    ['comes late', counter, every(50, 4000, (t) => (t < 1200 ? null : t / 10)), /after the run began/],
    ['stalls', counter, every(50, 4000, (t) => Math.min(t, 1500) / 10), /stood still/],
    ['pauses', counter, every(50, 4000, (t) => (t > 1500 && t < 2000 ? null : t / 10)), /silent for 500 ms/],
    ['jumps', counter, every(50, 4000, (t) => t / 100 + (t > 2000 ? 900 : 0)), /jumped by 90[01] J/],
    [
      'goes back',
      { ...counter, wrapJ: null },
      every(50, 4000, (t) => t / 10 - (t > 2000 ? 150 : 0)),
      /backwards/,
    ],
    ['says nonsense', power, every(100, 4000, (t) => (t === 2000 ? 1e9 : 40)), /1000000000 W/],
    ['is negative', power, every(100, 4000, (t) => (t === 2000 ? -1 : 40)), /reported -1/],
    ['never answers', power, every(100, 4000, () => null), /gave no reading/],
  ])('a sensor that %s', (_what, sensor, readings, reason) => {
    const energy = energyInWindow(sensor as SensorDescription, readings as Reading[], window);
    expect(energy.kind).toBe('not measured');
    expect(energy.kind === 'not measured' && energy.reason).toMatch(reason as RegExp);
  });

  it('a run shorter than the sensor can see', () => {
    const slow = { ...power, updateMs: 1000 };
    expect(
      energyInWindow(
        slow,
        every(100, 4000, () => 40),
        window,
      ),
    ).toMatchObject({ kind: 'not measured' });
  });
});
