import type { SampleSummary } from '../session/schema';
import { quantile } from '../statistics/percentiles';

/** Median and 90th percentile beside the raw samples, of which there must be at least one. */
export function summarize(samples: number[]): SampleSummary {
  return { median: quantile(samples, 0.5), p90: quantile(samples, 0.9), samples };
}
