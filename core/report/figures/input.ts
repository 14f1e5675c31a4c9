/** What figures are made of, and what all of them need to know of a run. */
import { type Difference, type DifferenceKind, differencesBetween } from '../../evaluation/comparison';
import { measuredEnergy } from '../../evaluation/energy';
import type { RunView } from '../../session/view';
import type { EstimatedRun } from './estimates';
import type { Kind, Mark, Range } from './figure';

export type Clock = 'endToEnd' | 'device';

/** Runs of one data set. */
export interface FigureInput {
  datasetId: string;
  runs: readonly RunView[];
  estimates?: readonly EstimatedRun[];
  clock: Clock;
  /** What the others are compared with. */
  baseline?: RunView | null;
}

/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
const LOGARITHMIC_FROM = 20;
/** More marks than these make a drawing that nobody reads. */
export const MOST_ROWS = 40;

/** What a run's times are: an emulator's stand apart from a board's. */
export function timeKind({ device }: RunView): Kind {
  return device.type === 'fpga-emulator' ? 'emulated' : 'measured';
}

export function energyKind(run: RunView): Kind {
  return measuredEnergy(run)?.origin === 'typed-in' ? 'typed-in' : timeKind(run);
}

/** By run and reference: every figure asks, at each drawing. */
const differences = new WeakMap<RunView, WeakMap<RunView, readonly Difference[]>>();

function differencesTo(reference: RunView, run: RunView): readonly Difference[] {
  const ofRun = differences.get(run) ?? new WeakMap<RunView, readonly Difference[]>();
  differences.set(run, ofRun);
  const known = ofRun.get(reference) ?? differencesBetween(run, reference);
  ofRun.set(reference, known);
  return known;
}

/** How a run is unlike the baseline, or the first run where none is chosen, in what the figure is about. */
export function unlike(run: RunView, input: FigureInput, kinds: readonly DifferenceKind[]): string[] {
  const reference = input.baseline ?? input.runs[0];
  if (reference === undefined || reference.id === run.id) return [];
  return differencesTo(reference, run)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text);
}

const OF_IMAGES: DifferenceKind[] = ['data', 'samples', 'images', 'validity'];
export const OF_ACCURACY: readonly DifferenceKind[] = OF_IMAGES;
export const OF_TIME: readonly DifferenceKind[] = [
  ...OF_IMAGES,
  'batch',
  'precision',
  'scenario',
  'timing scope',
  'times',
  'machine',
];
export const OF_ENERGY: readonly DifferenceKind[] = [
  ...OF_TIME,
  'energy scope',
  'energy sensor',
  'energy origin',
];

export function markOf(run: RunView, kind: Kind, label: string, unlikeTexts: string[]): Mark {
  return {
    runId: run.id,
    deviceId: run.device.id,
    mode: run.model.mode,
    kind,
    valid: run.verdict.valid,
    label,
    unlike: unlikeTexts,
  };
}

export function estimatedMark({ id, device, model }: EstimatedRun, label: string): Mark {
  return {
    runId: id,
    deviceId: device.id,
    mode: model.mode,
    kind: 'estimated',
    valid: true,
    label,
    unlike: [],
  };
}

/**
 * From the smallest to the largest of values with their intervals. What is not finite has no place on an axis: an
 * end there would have ticks without end.
 */
export function ends(values: readonly { value: number; interval: Range | null }[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value, interval } of values) {
    const [least, most] = [interval?.low ?? value, interval?.high ?? value];
    if (Number.isFinite(least)) low = Math.min(low, least);
    if (Number.isFinite(most)) high = Math.max(high, most);
  }
  return { low, high };
}

/** An axis from zero, or a logarithmic one where the ratios are large. */
export function axisFor(
  title: string,
  { low, high }: Range,
): { title: string; scale: 'linear' | 'logarithmic'; range: Range } {
  if (low > 0 && high / low >= LOGARITHMIC_FROM) {
    return {
      title: `${title}, logarithmic`,
      scale: 'logarithmic',
      range: { low: low / 1.5, high: high * 1.5 },
    };
  }
  return { title, scale: 'linear', range: { low: 0, high: high > 0 ? high * 1.08 : 1 } };
}

/** Percent of a share, on an axis that shows the differences. */
export function percentAxis(title: string, { low, high }: Range) {
  const margin = Math.max(0.05, (high - low) * 0.08);
  const range = { low: Math.max(0, low - margin), high: Math.min(100, high + margin) };
  return { title, scale: 'linear' as const, range };
}
