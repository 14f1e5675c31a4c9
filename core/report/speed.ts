import { compareRuns, isEmulated, NO_DIFFERENCE, noDifferenceText } from '../evaluation/comparison';
import type { RunView } from '../session/view';
import type { Interval } from '../statistics/bootstrap';
import type { Clock } from './figures/input';
import { formatSpeed } from './format';

/** How a run's time compares with that of a baseline. */
export interface SpeedComparison {
  /** Baseline's time an image divided by the run's: above 1 is faster. */
  ratio: number;
  /** 95 %, by bootstrap; null where one of the two has too few batches. */
  interval: Interval | null;
  /** `19.8 x faster`, `1.32 x slower`, or that no difference shows: the interval holds 1. */
  text: string;
  /** Without how well no difference is known, for a place that has the interval beside it. */
  short: string;
}

/** The bootstrap takes milliseconds, and a table asks again at each redraw. */
const known = new WeakMap<RunView, WeakMap<RunView, Map<Clock, SpeedComparison>>>();

/**
 * @returns null for other images, where one of the two has no such time, where only one was emulated, and for the
 *   null device, which computes nothing
 */
export function compareSpeed(run: RunView, baseline: RunView, clock: Clock): SpeedComparison | null {
  if (run.dataset.id !== baseline.dataset.id || isEmulated(run) !== isEmulated(baseline)) return null;
  if (run.device.type === 'null' || baseline.device.type === 'null') return null;
  const byBaseline = known.get(run) ?? new WeakMap<RunView, Map<Clock, SpeedComparison>>();
  const byClock = byBaseline.get(baseline) ?? new Map<Clock, SpeedComparison>();
  known.set(run, byBaseline);
  byBaseline.set(baseline, byClock);
  const comparison = byClock.get(clock) ?? compare(run, baseline, clock);
  if (comparison !== null) byClock.set(clock, comparison);
  return comparison;
}

function compare(run: RunView, baseline: RunView, clock: Clock): SpeedComparison | null {
  const name = clock === 'device' ? 'deviceMsPerBatch' : 'endToEndMsPerBatch';
  const compared = compareRuns(run, baseline, name);
  if (compared === null) return null;
  const { ratio, interval, verdict } = compared;
  const words = verdict === 'no difference' ? noDifferenceText(compared) : formatSpeed(1, ratio);
  const isKnownAlike = verdict === 'no difference' && interval !== null;
  const ending = isEmulated(run) ? ', both emulated' : '';
  return {
    ...{ ratio, interval },
    text: words + ending,
    short: (isKnownAlike ? NO_DIFFERENCE : words) + ending,
  };
}
