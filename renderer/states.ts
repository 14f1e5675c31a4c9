import type { Verdict } from '../core/session/schema';

/** The states of runs, jobs and devices, each with one word, one icon and one colour wherever it is shown. */
export const RUN_STATES = [
  'waiting',
  'running',
  'paused',
  'done',
  'quick',
  'invalid',
  'failed',
  'cancelled',
  'quarantined',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A finished run's state. */
export function stateOf(verdict: Verdict): RunState {
  if (!verdict.valid) return 'invalid';
  return verdict.quick ? 'quick' : 'done';
}
