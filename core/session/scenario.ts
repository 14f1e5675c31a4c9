/** What a run is for. */
export const SCENARIOS = ['accuracy', 'latency', 'throughput', 'sweep'] as const;

/**
 * - `accuracy`: the whole test set once; its batches are timed too.
 * - `latency`: one image at a time.
 * - `throughput`: after the test set, full batches in seeded order until the median is stable.
 * - `sweep`: throughput at each of several batch sizes.
 */
export type Scenario = (typeof SCENARIOS)[number];
