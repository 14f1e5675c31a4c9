import { formatCount, formatNumber } from '../report/format';
import type { Scenario } from '../session/scenario';
import type { DeviceRecord, Timing, Verdict } from '../session/schema';

/** Below this many timed batches, median and 90th percentile say little. */
export const FULL_RUN_BATCHES = 10;
/** Below this much timed work, one interruption by the operating system shows. */
export const FULL_RUN_MS = 100;
/** Two clocks measure one batch; the inner may not read more than the outer by this factor. */
const CLOCK_TOLERANCE = 1.05;

export interface Evidence {
  deviceType: DeviceRecord['type'];
  /** How many images were classified, and how many the test set has. */
  samples: number;
  available: number;
  timing: Pick<Timing, 'deviceMsPerBatch' | 'endToEndMsPerBatch'>;
  /** Absent is `accuracy`. */
  scenario?: Scenario;
  /** Whether lower floors were asked for. */
  quick?: boolean;
  /** Why repeating ended, where batches were repeated. */
  stopped?: { reason: string; stable: boolean } | null;
}

/** MLPerf Inference's least number of queries for a latency. */
const LATENCY_IMAGES = 1024;

/**
 * Judges a run that ended. A run that failed its self-test never comes here: it is a failure and has no
 * timing.
 */
export function judge(evidence: Evidence): Verdict {
  const { deviceType, samples, available, timing, stopped = null } = evidence;
  const endToEnd = timing.endToEndMsPerBatch;
  const device = timing.deviceMsPerBatch;

  const invalid: string[] = [];
  // The null device may be done before the clock ticks.
  const least = deviceType === 'null' ? 0 : Number.MIN_VALUE;
  if (endToEnd.samples.some((ms) => !(ms >= least && Number.isFinite(ms)))) {
    invalid.push('The clock around a batch gave a time that is not positive.');
  }
  if (device?.samples.some((ms) => !(ms > 0 && Number.isFinite(ms)))) {
    invalid.push('The device gave a time that is not positive.');
  }
  if (device && device.median > endToEnd.median * CLOCK_TOLERANCE) {
    invalid.push('The device gave longer times than the clock around it.');
  }

  const quick: string[] = [];
  if (evidence.quick) quick.push('Quick floors were asked for.');
  if (stopped !== null && !stopped.stable) invalid.push(stopped.reason);
  if (evidence.scenario === 'latency' && endToEnd.samples.length < LATENCY_IMAGES) {
    quick.push(
      `${formatCount(endToEnd.samples.length)} latencies; a full run has at least ${LATENCY_IMAGES}.`,
    );
  }
  if (samples < available) quick.push(`${formatCount(samples)} of ${formatCount(available)} test images.`);
  const batches = endToEnd.samples.length;
  if (batches < FULL_RUN_BATCHES) {
    quick.push(
      `${batches} ${batches === 1 ? 'batch' : 'batches'} timed; full runs have at least ${FULL_RUN_BATCHES}.`,
    );
  }
  const totalMs = endToEnd.samples.reduce((sum, ms) => sum + ms, 0);
  if (totalMs < FULL_RUN_MS) {
    quick.push(`${formatNumber(totalMs)} ms timed; full runs have at least ${FULL_RUN_MS} ms.`);
  }
  if (deviceType === 'fpga-emulator') {
    quick.push('Emulation: FPGA kernels on a CPU; the times are none of a board.');
  }
  if (deviceType === 'null') {
    quick.push("The null device computes nothing: its times are the workbench's own overhead.");
  }

  return { valid: invalid.length === 0, quick: quick.length > 0, reasons: [...invalid, ...quick] };
}

/** The verdict in a word. */
export function verdictWord(verdict: Verdict): 'valid' | 'quick' | 'invalid' {
  if (!verdict.valid) return 'invalid';
  return verdict.quick ? 'quick' : 'valid';
}

/** The verdict and its reasons on one line: `quick: 100 of 10,000 test images.` */
export function verdictText(verdict: Verdict): string {
  const word = verdictWord(verdict);
  return verdict.reasons.length === 0 ? word : `${word}: ${verdict.reasons.join(' ')}`;
}
