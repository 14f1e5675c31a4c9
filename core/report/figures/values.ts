/** The three values that figures rank runs by, in the units of their axes. */
import { isEmulated } from '../../evaluation/comparison';
import { measuredEnergy } from '../../evaluation/energy';
import type { RunView } from '../../session/view';
import { wilsonInterval } from '../../statistics/wilson';
import { formatNumber, formatPercent, formatRatio, formatWithInterval } from '../format';
import { summarizeRun } from '../runSummary';
import { compareSpeed } from '../speed';
import type { EstimatedRun, EstimatedValue } from './estimates';
import type { Range } from './figure';
import type { Clock } from './input';

export interface Value {
  value: number;
  interval: Range | null;
  text: string;
}

/** A quantity of runs and of estimates; null where one has no such value. */
export interface Quantity {
  ofRun(run: RunView): Value | null;
  ofEstimate(estimate: EstimatedRun): Value | null;
  /** Against the baseline; null where there is nothing to compare. */
  ratio(run: RunView, baseline: RunView): string | null;
}

/** Several figures ask for the same value of a run, each at every drawing. */
function kept(ofRun: Quantity['ofRun']): Quantity['ofRun'] {
  const known = new WeakMap<RunView, Value | null>();
  return (run) => {
    const before = known.get(run);
    if (before !== undefined) return before;
    const value = ofRun(run);
    known.set(run, value);
    return value;
  };
}

function percentValue(correct: number, total: number): Value {
  const { low, high } = wilsonInterval(correct, total);
  const value = (100 * correct) / total;
  return { value, interval: { low: low * 100, high: high * 100 }, text: formatPercent(correct / total) };
}

/** Percent of the images, with Wilson's interval. */
export const accuracy: Quantity = {
  ofRun: kept((run) => summarizeRun(run).accuracy && percentValue(run.accuracy.correct, run.accuracy.total)),
  ofEstimate: (estimate) =>
    estimate.accuracy && percentValue(estimate.accuracy.correct, estimate.accuracy.total),
  ratio: (run, baseline) => {
    const [own, other] = [accuracy.ofRun(run), accuracy.ofRun(baseline)];
    if (own === null || other === null) return null;
    const points = own.value - other.value;
    const sign = points > 0 ? '+' : points < 0 ? '−' : '±';
    return `${sign}${Math.abs(points).toFixed(2)} points`;
  },
};

function timeBy(clock: Clock): Quantity {
  return {
    ofRun: kept((run) => {
      const summary = summarizeRun(run);
      const estimate = clock === 'device' ? summary.deviceMsPerImage : summary.endToEndMsPerImage;
      return estimate && { ...estimate, text: formatWithInterval(estimate.value, estimate.interval) };
    }),
    ofEstimate: ({ msPerImage }) => estimatedValue(msPerImage, 1),
    ratio: (run, baseline) => compareSpeed(run, baseline, clock)?.text ?? null,
  };
}

const times: Record<Clock, Quantity> = { endToEnd: timeBy('endToEnd'), device: timeBy('device') };

/** Milliseconds an image, the median with its bootstrap interval. */
export function time(clock: Clock): Quantity {
  return times[clock];
}

/** Millijoules an image, with the bound of its uncertainty. */
export const energy: Quantity = {
  ofRun: (run) => {
    const measured = measuredEnergy(run);
    if (measured === null) return null;
    const value = measured.joulesPerImage * 1000;
    const half = value * (measured.joules > 0 ? measured.uncertaintyJ / measured.joules : 0);
    const interval = { low: Math.max(0, value - half), high: value + half };
    const origin = measured.origin === 'typed-in' ? ', typed in' : '';
    return { value, interval, text: `${formatWithInterval(value, interval)} (${measured.scope}${origin})` };
  },
  ofEstimate: ({ joulesPerImage }) => estimatedValue(joulesPerImage, 1000),
  ratio: (run, baseline) => {
    const [own, other] = [measuredEnergy(run), measuredEnergy(baseline)];
    if (isEmulated(run) !== isEmulated(baseline)) return null;
    if (own === null || other === null || own.joulesPerImage <= 0 || other.joulesPerImage <= 0) return null;
    const ratio = other.joulesPerImage / own.joulesPerImage;
    const words = ratio >= 1 ? `${formatRatio(ratio)} less` : `${formatRatio(1 / ratio)} more`;
    return isEmulated(run) ? `${words}, both emulated` : words;
  },
};

function estimatedValue(estimate: EstimatedValue | null, factor: number): Value | null {
  if (estimate === null) return null;
  const interval = { low: estimate.low * factor, high: estimate.high * factor };
  const value = estimate.value * factor;
  return { value, interval, text: `${formatNumber(value)}, estimated` };
}
