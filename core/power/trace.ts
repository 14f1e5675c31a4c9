/** What sensors told over time, for a picture beside the energy. */
import { longestSilenceMs, type Window } from './energy';
import type { Reading, SensorDescription } from './readings';

export interface Trace {
  /** Ascending. */
  atMs: number[];
  /** At that time; of a counter, on average since the reading before. */
  watts: number[];
  /** Where there was no usable reading for longer than the sensor's period explains. */
  gaps: Window[];
}

/** More points than a picture can show are averaged. */
const MOST_POINTS = 2000;

/** The power of one sensor within a span. A counter that wraps or goes back leaves that interval out. */
export function traceOf(sensor: SensorDescription, readings: readonly Reading[], span: Window): Trace {
  const trace: Trace = { atMs: [], watts: [], gaps: [] };
  const limitMs = longestSilenceMs(sensor);
  let previous: { atMs: number; value: number } | null = null;
  let silentSince = span.startMs;
  for (const { atMs, value } of readings) {
    if (atMs < span.startMs || atMs > span.endMs) continue;
    if (value === null || !Number.isFinite(value) || value < 0) continue;
    if (previous !== null && atMs <= previous.atMs) continue;
    if (atMs - silentSince > limitMs) trace.gaps.push({ startMs: silentSince, endMs: atMs });
    silentSince = atMs;
    const watts = sensor.kind === 'power' ? value : meanPower(previous, { atMs, value });
    if (watts !== null) {
      trace.atMs.push(atMs);
      trace.watts.push(watts);
    }
    previous = { atMs, value };
  }
  if (span.endMs - silentSince > limitMs) trace.gaps.push({ startMs: silentSince, endMs: span.endMs });
  return thinned(trace);
}

/** Watts between two states of a counter; null where there is no earlier one or it did not rise. */
function meanPower(
  before: { atMs: number; value: number } | null,
  now: { atMs: number; value: number },
): number | null {
  if (before === null || now.value < before.value) return null;
  return ((now.value - before.value) / (now.atMs - before.atMs)) * 1000;
}

/** Averages neighbours until the points are few enough; their time is that of the last one. */
function thinned(trace: Trace): Trace {
  const stride = Math.ceil(trace.atMs.length / MOST_POINTS);
  if (stride <= 1) return trace;
  const atMs: number[] = [];
  const watts: number[] = [];
  for (let i = 0; i < trace.atMs.length; i += stride) {
    const part = trace.watts.slice(i, i + stride);
    atMs.push(trace.atMs[Math.min(i + stride, trace.atMs.length) - 1]!);
    watts.push(part.reduce((sum, value) => sum + value, 0) / part.length);
  }
  return { ...trace, atMs, watts };
}

/**
 * The sum of sensors that are parts of one figure, at the times of the first one; the others are taken as they were
 * last told. A gap of one is a gap of the sum.
 */
export function addTraces([first, ...others]: readonly Trace[]): Trace {
  if (first === undefined) return { atMs: [], watts: [], gaps: [] };
  const watts = first.atMs.map((atMs, i) => {
    const rest = others.map((other) => other.watts[lastAtOrBefore(other.atMs, atMs)] ?? 0);
    return rest.reduce((sum, value) => sum + value, first.watts[i]!);
  });
  return { atMs: first.atMs, watts, gaps: [first, ...others].flatMap(({ gaps }) => gaps) };
}

/** The place of the last time that is not after another; 0 where all are. */
function lastAtOrBefore(times: readonly number[], atMs: number): number {
  const after = times.findIndex((time) => time > atMs);
  return Math.max(0, (after < 0 ? times.length : after) - 1);
}
