import { describe, expect, it } from 'vitest';
import { energyInWindow, energyInWindows } from '../../../core/power/energy';
import type { Reading, SensorDescription } from '../../../core/power/readings';
import { addTraces, traceOf } from '../../../core/power/trace';

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
    ['jumps a little', counter, every(50, 4000, (t) => t / 100 + (t > 2000 ? 50 : 0)), /jumped by 5[01] J/],
    [
      'tells one power for ever',
      power,
      every(100, 8000, (t) => (t < 500 ? t : 42)),
      /power reading stood still/,
    ],
    [
      'starts anew',
      { ...counter, wrapJ: 262_144 },
      every(50, 4000, (t) => (t > 2000 ? (t - 2000) / 10 : 5000 + t / 10)),
      /jumped/,
    ],
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

describe('what a sensor told over time', () => {
  const span = { startMs: 0, endMs: 4000 };

  it('is the mean power between two states of a counter, with the gaps', () => {
    const readings = every(50, 4000, (t) => (t > 1500 && t < 2500 ? null : (40 * t) / 1000));
    const { atMs, watts, gaps } = traceOf(counter, readings, span);
    expect(atMs[0]).toBe(50);
    for (const value of watts) expect(value).toBeCloseTo(40, 6);
    expect(gaps).toEqual([{ startMs: 1500, endMs: 2500 }]);
  });

  it('has a gap to the end where the sensor disappears', () => {
    const { gaps } = traceOf(
      power,
      every(100, 2000, (t) => t),
      span,
    );
    expect(gaps).toEqual([{ startMs: 2000, endMs: 4000 }]);
  });

  it('is thinned to what a picture can show, and keeps its mean', () => {
    const { atMs, watts } = traceOf(
      power,
      every(1, 10_000, (t) => t % 2),
      { startMs: 0, endMs: 10_000 },
    );
    expect(atMs.length).toBeLessThanOrEqual(2000);
    expect(watts.reduce((sum, value) => sum + value, 0) / watts.length).toBeCloseTo(0.5, 1);
  });

  it('of several sensors is their sum at the times of the first', () => {
    const sum = addTraces([
      { atMs: [0, 100, 200], watts: [1, 2, 3], gaps: [] },
      { atMs: [50, 150], watts: [10, 20], gaps: [{ startMs: 1, endMs: 2 }] },
    ]);
    expect(sum).toEqual({ atMs: [0, 100, 200], watts: [11, 12, 23], gaps: [{ startMs: 1, endMs: 2 }] });
  });
});

it('the energy of turns is the sum of theirs, and missing where one is', () => {
  const readings = every(50, 4000, (t) => (40 * t) / 1000);
  const turns = [
    { startMs: 500, endMs: 1000 },
    { startMs: 2000, endMs: 2500 },
  ];
  expect(energyInWindows(counter, readings, turns)).toMatchObject({
    ...{ kind: 'measured', windowMs: 1000, joules: expect.closeTo(40, 6), averageW: expect.closeTo(40, 6) },
  });
  const late = [...turns, { startMs: 3900, endMs: 4100 }];
  expect(energyInWindows(counter, readings, late)).toMatchObject({ kind: 'not measured' });
});
