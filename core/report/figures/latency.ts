/** All times of each run: how they spread, and what the slowest are. */
import { quantileSorted } from 'simple-statistics';
import type { RunView } from '../../session/view';
import { formatNumber } from '../format';
import type { DistributionFigure, DistributionRow } from './figure';
import { axisFor, ends, type FigureInput, markOf, OF_TIME, timeKind, unlike } from './input';
import { competing, datasetName, labelsOf } from './labels';

/** A box takes more room than a point. */
const MOST_BOXES = 24;
/** Fewer samples than these have no distribution to speak of. */
const LEAST_SAMPLES = 5;
/** From this ratio of the largest to the smallest median on, times are shown relative to their medians. */
const RELATIVE_FROM = 2;

const sortedTimes = new WeakMap<RunView, Map<string, number[]>>();

/** Milliseconds a batch, ascending. */
function samplesOf(run: RunView, clock: FigureInput['clock']): number[] | null {
  const times = clock === 'device' ? run.timing.deviceMsPerBatch : run.timing.endToEndMsPerBatch;
  if (times === null || times.samples.length < LEAST_SAMPLES) return null;
  const known = sortedTimes.get(run) ?? new Map<string, number[]>();
  sortedTimes.set(run, known);
  const sorted = known.get(clock) ?? Array.from(Float64Array.from(times.samples).sort());
  known.set(clock, sorted);
  return sorted;
}

/** Runs of scenario latency alone where there are some: their samples are images. Else batches of all runs. */
export function latencyFigure(input: FigureInput): DistributionFigure {
  const all = competing(input.runs);
  const latencies = all.filter(({ scenario }) => scenario === 'latency');
  const runs = latencies.length > 0 ? latencies : all;
  const labels = labelsOf(runs);
  const timed = runs.flatMap((run, i) => {
    const samples = samplesOf(run, input.clock);
    if (samples === null) return [];
    return [{ run, samples, median: quantileSorted(samples, 0.5), label: labels[i]! }];
  });
  timed.sort((a, b) => a.median - b.median);
  const rows = timed.slice(0, MOST_BOXES).map(({ run, samples, label }): DistributionRow => {
    const mark = markOf(run, timeKind(run), label, unlike(run, input, OF_TIME));
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((p) => formatNumber(quantileSorted(samples, p)));
    return { ...mark, samples, scale: 1, text: `${p50}, ${p90}, ${p99}` };
  });
  const what = runs.every(({ batchSize }) => batchSize === 1) ? 'an image' : 'a batch';
  return {
    type: 'distribution',
    id: `${input.datasetId}/latency`,
    question: `${datasetName(input.datasetId)}: how steady is the time of ${what}?`,
    ...placed(rows, `${input.clock === 'device' ? 'device time' : 'time'} of ${what}`),
    notMeasured: runs.length - timed.length,
    omitted: timed.length - rows.length,
  };
}

function medianOf({ samples }: DistributionRow): number {
  return quantileSorted(samples, 0.5);
}

/** Medians that lie far apart would leave no room to see any spread: each is then 1 on the axis. */
function placed(rows: DistributionRow[], what: string): Pick<DistributionFigure, 'axis' | 'rows'> {
  const medians = rows.map(medianOf);
  const least = Math.min(...medians);
  const relative = least > 0 && Math.max(...medians) > RELATIVE_FROM * least;
  const scaled = rows.map((row, i) => ({ ...row, scale: relative ? 1 / medians[i]! : 1 }));
  const extremes = scaled.flatMap(({ samples, scale }) => [samples[0]! * scale, samples.at(-1)! * scale]);
  const { low, high } = ends(extremes.map((value) => ({ value, interval: null })));
  const unit = relative ? `${what} relative to its median` : `${what}, ms`;
  const title = `${unit}; on the right 50th, 90th and 99th percentile in ms`;
  const axis = axisFor(title, { low, high });
  const margin = 0.04 * (high - low) || 0.05 * high;
  if (axis.scale === 'linear') axis.range = { low: Math.max(0, low - margin), high: high + margin };
  return { axis, rows: scaled };
}
