import { median } from '../statistics/percentiles';
import type { Reading, SensorDescription } from './readings';

/** A span on the clock of the readings. */
export interface Window {
  startMs: number;
  endMs: number;
}

export interface MeasuredEnergy {
  kind: 'measured';
  joules: number;
  averageW: number;
  /** From the time between readings at both ends and the sensor's stated accuracy; a bound, not a standard deviation. */
  uncertaintyJ: number;
  windowMs: number;
  readings: number;
}

/** Not measured is not zero: it says why. */
export interface MissingEnergy {
  kind: 'not measured';
  reason: string;
  /** Spans without a usable reading. */
  gaps: Window[];
}

export type Energy = MeasuredEnergy | MissingEnergy;

/** Readings further apart than this many update periods (and at least {@link MIN_GAP_MS}) leave a gap. */
const GAP_PERIODS = 5;
const MIN_GAP_MS = 250;

/** The longest time between two usable readings that is no gap, milliseconds. */
export function longestSilenceMs({ updateMs }: SensorDescription): number {
  return Math.max(MIN_GAP_MS, GAP_PERIODS * updateMs);
}
/** No device here takes more: a higher value is a broken reading. Also bounds a counter's jump. */
const MAX_PLAUSIBLE_W = 5000;
/** A counter that rises this many times faster than usual, and faster than a card at full load, jumped. */
const JUMP_FACTOR = 20;
const JUMP_LEAST_W = 300;
/** A sensor resolves milliwatts; one that tells the very same for so many periods has stalled. */
const SAME_POWER_PERIODS = 40;
const SAME_POWER_MS = 4000;

const missing = (reason: string, gaps: Window[] = []): MissingEnergy => ({
  kind: 'not measured',
  reason,
  gaps,
});

/** Linear between two points. */
function between(
  a: { atMs: number; value: number },
  b: { atMs: number; value: number },
  atMs: number,
): number {
  return a.value + ((b.value - a.value) * (atMs - a.atMs)) / (b.atMs - a.atMs);
}

/**
 * Turns a wrapping counter into one that only rises.
 *
 * @returns a reason where the counter went back without being able to wrap, or rose faster than any device
 */
function unwrap(
  readings: { atMs: number; value: number }[],
  wrapJ: number | null,
): string | { atMs: number; value: number }[] {
  let base = 0;
  const result: { atMs: number; value: number }[] = [];
  for (const [i, reading] of readings.entries()) {
    const previous = readings[i - 1];
    if (previous !== undefined && reading.value < previous.value) {
      if (wrapJ === null) return 'the energy counter went backwards';
      base += wrapJ;
    }
    const value = base + reading.value;
    const last = result[result.length - 1];
    if (last !== undefined) {
      const limitJ = (MAX_PLAUSIBLE_W * (reading.atMs - last.atMs)) / 1000 + 1;
      if (value - last.value > limitJ)
        return `the energy counter jumped by ${(value - last.value).toFixed(0)} J`;
    }
    result.push({ atMs: reading.atMs, value });
  }
  return jumpIn(result) ?? result;
}

/** A rise out of all proportion to the others, though a device could have taken it; null where there is none. */
function jumpIn(curve: { atMs: number; value: number }[]): string | null {
  const rises: { joules: number; watts: number }[] = [];
  let since = curve[0]!;
  for (const point of curve) {
    if (point.value === since.value) continue;
    const joules = point.value - since.value;
    rises.push({ joules, watts: (joules / (point.atMs - since.atMs)) * 1000 });
    since = point;
  }
  if (rises.length === 0) return null;
  const usualW = median(rises.map(({ watts }) => watts));
  const jump = rises.find(({ watts }) => watts > Math.max(JUMP_LEAST_W, JUMP_FACTOR * usualW));
  return jump ? `the energy counter jumped by ${jump.joules.toFixed(0)} J` : null;
}

/** Spans inside the window that are longer without a usable reading than the sensor's period explains. */
function findGaps(times: number[], window: Window, limit: number): Window[] {
  const gaps: Window[] = [];
  for (let i = 1; i < times.length; i++) {
    const startMs = Math.max(times[i - 1]!, window.startMs);
    const endMs = Math.min(times[i]!, window.endMs);
    if (times[i]! - times[i - 1]! > limit && endMs > startMs) gaps.push({ startMs, endMs });
  }
  return gaps;
}

/** When a sensor began to tell the same for far longer than it should, or null. What a person or a meter tells may. */
function stallOf(
  readings: { atMs: number; value: number }[],
  sensor: SensorDescription,
): { sinceMs: number; what: string } | null {
  if (sensor.origin !== 'sensor') return null;
  const limit =
    sensor.kind === 'counter'
      ? Math.max(4 * MIN_GAP_MS, 4 * GAP_PERIODS * sensor.updateMs)
      : Math.max(SAME_POWER_MS, SAME_POWER_PERIODS * sensor.updateMs);
  let since = readings[0]!;
  for (const reading of readings) {
    if (reading.value !== since.value) since = reading;
    else if (reading.atMs - since.atMs > limit) {
      return { sinceMs: since.atMs, what: sensor.kind === 'counter' ? 'energy counter' : 'power reading' };
    }
  }
  return null;
}

/** A power that was typed in is the same at all times: nothing is lost between its readings. */
function isTooShort({ origin }: SensorDescription, windowMs: number, stepMs: number): boolean {
  return origin !== 'typed-in' && windowMs < 4 * stepMs;
}

/**
 * The energy that a sensor saw in a window: the difference of a counter, or the integral of power by the
 * trapezoid rule, both interpolated at the window's ends. Anything that would make the number wrong (no
 * reading on one side, a gap, a stall, a jump, an implausible value) gives *not measured* with its reason.
 *
 * @param readings in the order of time
 */
export function energyInWindow(sensor: SensorDescription, readings: Reading[], window: Window): Energy {
  const windowMs = window.endMs - window.startMs;
  if (windowMs <= 0) return missing('the run has no duration');
  const usable: { atMs: number; value: number }[] = [];
  for (const { atMs, value } of readings) {
    if (value === null) continue;
    if (!Number.isFinite(value) || value < 0) return missing(`the sensor reported ${value}`);
    if (sensor.kind === 'power' && value > MAX_PLAUSIBLE_W) return missing(`the sensor reported ${value} W`);
    const last = usable[usable.length - 1];
    if (last !== undefined && atMs <= last.atMs) continue;
    usable.push({ atMs, value });
  }
  const first = usable[0];
  const last = usable[usable.length - 1];
  if (first === undefined || last === undefined) return missing('the sensor gave no reading', [window]);
  if (first.atMs > window.startMs)
    return missing('the first reading came after the run began', [
      { startMs: window.startMs, endMs: Math.min(first.atMs, window.endMs) },
    ]);
  if (last.atMs < window.endMs)
    return missing('the sensor fell silent before the run ended', [
      { startMs: Math.max(last.atMs, window.startMs), endMs: window.endMs },
    ]);
  const gaps = findGaps(
    usable.map((r) => r.atMs),
    window,
    longestSilenceMs(sensor),
  );
  if (gaps.length > 0)
    return missing(`the sensor was silent for ${(gaps[0]!.endMs - gaps[0]!.startMs).toFixed(0)} ms`, gaps);
  const stepMs = Math.max(
    sensor.updateMs,
    spanAround(usable, window.startMs),
    spanAround(usable, window.endMs),
  );
  if (isTooShort(sensor, windowMs, stepMs))
    return missing(
      `the run took ${windowMs.toFixed(0)} ms; this sensor tells something new every ${stepMs.toFixed(0)} ms`,
    );
  const stall = stallOf(usable, sensor);
  if (stall !== null)
    return missing(`the ${stall.what} stood still`, [
      { startMs: Math.max(stall.sinceMs, window.startMs), endMs: window.endMs },
    ]);

  const curve = sensor.kind === 'counter' ? unwrap(usable, sensor.wrapJ) : integrate(usable);
  if (typeof curve === 'string') return missing(curve);
  const joules = at(curve, window.endMs) - at(curve, window.startMs);
  const averageW = (joules / windowMs) * 1000;
  const edgeMs = sensor.origin === 'typed-in' ? 0 : Math.max(stepMs, sensor.averagingMs ?? 0);
  const uncertaintyJ = (averageW * edgeMs) / 1000 + joules * (sensor.relativeUncertainty ?? 0);
  const inside = usable.filter((r) => r.atMs >= window.startMs && r.atMs <= window.endMs).length;
  return { kind: 'measured', joules, averageW, uncertaintyJ, windowMs, readings: inside };
}

/**
 * The energy in several windows that do not overlap, such as the turns of a run. One that is missing makes the sum
 * missing. The uncertainties are bounds, so they add.
 */
export function energyInWindows(sensor: SensorDescription, readings: Reading[], windows: Window[]): Energy {
  const parts: MeasuredEnergy[] = [];
  for (const window of windows) {
    const part = energyInWindow(sensor, readings, window);
    if (part.kind === 'not measured') return part;
    parts.push(part);
  }
  if (parts.length === 0) return missing('the run has no duration');
  const total = (figure: (part: MeasuredEnergy) => number) =>
    parts.reduce((sum, part) => sum + figure(part), 0);
  const joules = total((part) => part.joules);
  const windowMs = total((part) => part.windowMs);
  return {
    kind: 'measured',
    joules,
    averageW: (joules / windowMs) * 1000,
    uncertaintyJ: total((part) => part.uncertaintyJ),
    windowMs,
    readings: total((part) => part.readings),
  };
}

/** Between the readings before and after a time, milliseconds. */
function spanAround(readings: { atMs: number }[], atMs: number): number {
  const after = readings.findIndex((reading) => reading.atMs >= atMs);
  return after <= 0 ? 0 : readings[after]!.atMs - readings[after - 1]!.atMs;
}

/**
 * The energy of a device that several sensors share, such as the two packages of a machine, in one window. One that
 * is missing makes the sum missing. The uncertainties are bounds, so they add.
 */
export function addEnergies(parts: readonly Energy[]): Energy {
  const measured: MeasuredEnergy[] = [];
  for (const part of parts) {
    if (part.kind === 'not measured') return part;
    measured.push(part);
  }
  const [first] = measured;
  if (first === undefined) return missing('there is no sensor');
  const total = (figure: (part: MeasuredEnergy) => number) =>
    measured.reduce((sum, part) => sum + figure(part), 0);
  return {
    kind: 'measured',
    joules: total((part) => part.joules),
    averageW: total((part) => part.averageW),
    uncertaintyJ: total((part) => part.uncertaintyJ),
    windowMs: first.windowMs,
    readings: Math.min(...measured.map((part) => part.readings)),
  };
}

/** Power in watts to energy in joules since the first reading. */
function integrate(readings: { atMs: number; value: number }[]): { atMs: number; value: number }[] {
  let joules = 0;
  return readings.map((reading, i) => {
    const previous = readings[i - 1];
    if (previous !== undefined)
      joules += ((previous.value + reading.value) / 2) * ((reading.atMs - previous.atMs) / 1000);
    return { atMs: reading.atMs, value: joules };
  });
}

/** The curve's value at a time that lies within it. */
function at(curve: { atMs: number; value: number }[], atMs: number): number {
  const after = curve.findIndex((point) => point.atMs >= atMs);
  const right = curve[after]!;
  if (right.atMs === atMs || after === 0) return right.value;
  return between(curve[after - 1]!, right, atMs);
}
