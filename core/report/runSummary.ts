import { scoreOf } from '../evaluation/accuracy';
import { BATCHES_FOR_INTERVAL } from '../evaluation/comparison';
import type { SampleSummary } from '../session/schema';
import type { RunView } from '../session/view';
import { type Interval, medianInterval } from '../statistics/bootstrap';
import { wilsonInterval } from '../statistics/wilson';

/** A value with its 95 % interval, which is null where the samples are too few for one. */
export interface Estimate {
  value: number;
  interval: Interval | null;
}

/** What the dashboards and reports show of a run. Times are milliseconds an image, medians over full batches. */
export interface RunSummary {
  /** Null for the null device, which classifies nothing. */
  accuracy: Estimate | null;
  /** By the host's clock around upload, run and download. */
  endToEndMsPerImage: Estimate;
  /** By the device's own profiling; null where it has none. */
  deviceMsPerImage: Estimate | null;
}

function perImage(batches: SampleSummary, batchSize: number): Estimate {
  const interval =
    batches.samples.length < BATCHES_FOR_INTERVAL
      ? null
      : medianInterval(batches.samples.map((ms) => ms / batchSize));
  return { value: batches.median / batchSize, interval };
}

const known = new WeakMap<RunView, RunSummary>();

/** Computed once a run: the bootstrap is the costly part. */
export function summarizeRun(run: RunView): RunSummary {
  const before = known.get(run);
  if (before !== undefined) return before;
  const { correct, total } = run.accuracy;
  const score = scoreOf(run);
  const { endToEndMsPerBatch, deviceMsPerBatch } = run.timing;
  const summary: RunSummary = {
    accuracy: score === null ? null : { value: score, interval: wilsonInterval(correct, total) },
    endToEndMsPerImage: perImage(endToEndMsPerBatch, run.batchSize),
    deviceMsPerImage: deviceMsPerBatch && perImage(deviceMsPerBatch, run.batchSize),
  };
  known.set(run, summary);
  return summary;
}
