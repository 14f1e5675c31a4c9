/**
 * One description of a chart, for the window and for reports: a question, and a row a run, sorted best
 * first. Whoever draws it adds colours and pixels, no numbers.
 */
import type { Mode } from '../network/topology';
import type { RunView } from '../session/view';
import { platformName, processorName } from './deviceLabel';
import { formatPercent, formatWithInterval } from './format';
import { type Estimate, summarizeRun } from './runSummary';

export type Clock = 'endToEnd' | 'device';

export interface FigureRow {
  runId: string;
  deviceId: string;
  mode: Mode;
  /** What tells this row from the others of the figure. */
  label: string;
  value: number;
  interval: { low: number; high: number } | null;
  /** The value as it stands beside the point. */
  text: string;
  /** Measured on real hardware, as opposed to an emulator's time, which is drawn apart. */
  emulated: boolean;
  valid: boolean;
}

export interface Figure {
  id: string;
  question: string;
  /** Name and unit of the axis. */
  axis: string;
  scale: 'linear' | 'logarithmic';
  /** Ends of the axis, in the axis's unit. */
  range: { low: number; high: number };
  rows: FigureRow[];
  /** How many runs have no such value. */
  notMeasured: number;
}

/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
const LOGARITHMIC_FROM = 20;

/** The null device's time is the workbench's own and competes with nothing. */
function competing(runs: readonly RunView[]): RunView[] {
  return runs.filter((run) => run.device.type !== 'null');
}

/** Runs of one data set each, in the order in which they first appear. */
export function runsByDataset(runs: readonly RunView[]): { datasetId: string; runs: RunView[] }[] {
  const groups = new Map<string, RunView[]>();
  for (const run of runs) {
    const group = groups.get(run.dataset.id);
    if (group) group.push(run);
    else groups.set(run.dataset.id, [run]);
  }
  return [...groups].map(([datasetId, members]) => ({ datasetId, runs: members }));
}

/** For each run the words that tell it from the others: only what differs between them is named. */
export function distinguishingLabels(runs: readonly RunView[]): string[] {
  const modes = new Map<string, string>();
  for (const { model } of runs) modes.set(model.id, model.mode);
  const modelsAreModes = new Set(modes.values()).size === modes.size;
  const parts: ((run: RunView) => string)[] = [
    (run) => (modelsAreModes ? run.model.mode : run.model.id),
    (run) => processorName(run.device),
    (run) => platformName(run.device),
    (run) => run.precision,
    (run) => `batch ${run.batchSize}`,
    (run) => `${run.dataset.samples} images`,
  ];
  const telling = parts.filter((part) => new Set(runs.map(part)).size > 1);
  const labels = runs.map((run) =>
    telling.length > 0 ? telling.map((part) => part(run)).join(', ') : run.model.id,
  );
  const seen = new Map<string, number>();
  return labels.map((label) => {
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return times === 1 ? label : `${label} (${times})`;
  });
}

type Written = (estimate: Estimate) => string;

function rowsOf(
  runs: readonly RunView[],
  measure: (run: RunView) => Estimate | null,
  write: Written,
): FigureRow[] {
  const labels = distinguishingLabels(runs);
  return runs.flatMap((run, index) => {
    const estimate = measure(run);
    if (estimate === null) return [];
    return {
      runId: run.id,
      deviceId: run.device.id,
      mode: run.model.mode,
      label: labels[index]!,
      value: estimate.value,
      interval: estimate.interval,
      text: write(estimate),
      emulated: run.device.type === 'fpga-emulator',
      valid: run.verdict.valid,
    };
  });
}

function ends(rows: readonly FigureRow[]): { low: number; high: number } {
  return {
    low: Math.min(...rows.map((row) => row.interval?.low ?? row.value)),
    high: Math.max(...rows.map((row) => row.interval?.high ?? row.value)),
  };
}

/** Accuracy in percent with Wilson's interval, on an axis that shows the differences. Runs of one data set. */
export function accuracyFigure(datasetName: string, allRuns: readonly RunView[]): Figure {
  const runs = competing(allRuns);
  const percent = (run: RunView): Estimate | null => {
    const { accuracy } = summarizeRun(run);
    if (accuracy === null) return null;
    const { value, interval } = accuracy;
    return {
      value: value * 100,
      interval: interval && { ...interval, low: interval.low * 100, high: interval.high * 100 },
    };
  };
  const rows = rowsOf(runs, percent, ({ value }) => formatPercent(value / 100));
  rows.sort((a, b) => b.value - a.value);
  const { low, high } = ends(rows);
  const margin = Math.max(0.05, (high - low) * 0.08);
  return {
    id: 'accuracy',
    question: `${datasetName}: what does binarization cost?`,
    axis: 'accuracy, % of test images, 95 % interval',
    scale: 'linear',
    range: { low: Math.max(0, low - margin), high: Math.min(100, high + margin) },
    rows,
    notMeasured: runs.length - rows.length,
  };
}

/** Median milliseconds an image; from zero, or logarithmic where the ratios are large. Runs of one data set. */
export function timeFigure(datasetName: string, allRuns: readonly RunView[], clock: Clock): Figure {
  const runs = competing(allRuns);
  const measure = (run: RunView) => {
    const summary = summarizeRun(run);
    return clock === 'device' ? summary.deviceMsPerImage : summary.endToEndMsPerImage;
  };
  const rows = rowsOf(runs, measure, ({ value, interval }) => formatWithInterval(value, interval));
  rows.sort((a, b) => a.value - b.value);
  const { low, high } = ends(rows);
  const logarithmic = rows.length > 1 && low > 0 && high / low >= LOGARITHMIC_FROM;
  return {
    id: 'time',
    question: `${datasetName}: what is fastest?`,
    axis: `${clock === 'device' ? 'device time' : 'time'}, ms an image, median with 95 % interval${
      logarithmic ? ', logarithmic' : ''
    }`,
    scale: logarithmic ? 'logarithmic' : 'linear',
    range: logarithmic ? { low: low / 1.5, high: high * 1.5 } : { low: 0, high: high * 1.08 },
    rows,
    notMeasured: runs.length - rows.length,
  };
}
