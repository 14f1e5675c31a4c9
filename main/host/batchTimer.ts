/** Times batches of images on a prepared network, inside the device process. */
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../core/errors';
import { predictedClasses } from '../../core/evaluation/accuracy';
import type { BatchResults, PreparedNetwork } from '../devices/device';
import type { FromDeviceProcess } from './protocol';
import { batchImages, type RunImages } from './runImages';

/** The person sees something new about this often. */
export const CHUNK_MS = 250;
/** Images that are copied for one call of the device, at most. */
const CALL_BYTES = 64 * 2 ** 20;

export type Send = (message: FromDeviceProcess) => void;

export interface BatchParts {
  network: PreparedNetwork;
  classes: number;
  chosen: RunImages;
  /** As the warm-up showed it. */
  batchMs: number;
  send: Send;
  cancelled: AbortSignal;
}

export interface BatchAccount {
  batches: number;
  /** The sum of their end-to-end times. */
  sampledMs: number;
}

export class BatchTimer {
  /** How long a batch takes now. */
  batchMs: number;
  readonly account: BatchAccount = { batches: 0, sampledMs: 0 };
  /** Where images that do not lie in the run's order are gathered, call after call. */
  private space: Uint8Array = new Uint8Array(0);

  constructor(private readonly parts: BatchParts) {
    this.batchMs = parts.batchMs;
  }

  /**
   * So many that a person sees something new, the images fit into memory, and a cancel is heard.
   * @param leastMs of the turn that they are for; null where it has no end
   */
  batchesForCall(leastMs: number | null = null): number {
    const { network, chosen } = this.parts;
    const imageBytes = chosen.testSet.images.length / chosen.testSet.labels.length;
    const most = Math.max(1, Math.floor(CALL_BYTES / (network.batchSize * imageBytes)));
    const callMs = Math.min(CHUNK_MS, leastMs ?? CHUNK_MS);
    return Math.min(most, Math.max(1, Math.floor(callMs / Math.max(this.batchMs, 0.01))));
  }

  /** @throws WorkbenchError `cancelled`, `wrong-answer`, those of the device */
  async run(images: RunImages, first: number, batches: number) {
    const { network, classes, cancelled } = this.parts;
    await yieldToMessages();
    if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
    const bytes = batchImages(images, first, batches, network.batchSize, this.space);
    if (bytes.buffer !== images.testSet.images.buffer) this.space = new Uint8Array(bytes.buffer);
    const running = performance.now();
    const results = checkShape(await network.run(bytes, batches), batches, network.batchSize, classes);
    const ended = performance.now();
    const predictions = predictedClasses(results.logits, classes);
    if (!predictions) {
      throw new WorkbenchError('wrong-answer', 'The device gave a logit that is not a finite number.', {
        remedy: 'Update its driver, or choose another device or precision.',
      });
    }
    this.batchMs = (ended - running) / batches;
    this.account.batches += batches;
    for (const ms of results.endToEndMs) this.account.sampledMs += ms;
    return {
      predictions,
      logits: results.logits,
      times: timesOf(results, this.batchMs),
      elapsedMs: ended - running,
    };
  }

  /** A batch that is not timed. */
  async rewarm(): Promise<void> {
    const { network, chosen } = this.parts;
    await network.run(batchImages(chosen, 0, 1, network.batchSize), 1);
  }
}

function timesOf({ deviceMs, endToEndMs }: BatchResults, batchMs: number) {
  return { deviceMs, endToEndMs, expectedMs: Math.max(batchMs, CHUNK_MS) };
}

/** @throws Error where a device gave fewer answers or times than it was given work */
export function checkShape(
  results: BatchResults,
  batches: number,
  batchSize: number,
  classes: number,
): BatchResults {
  const { logits, deviceMs, endToEndMs } = results;
  const complete =
    logits.length === batches * batchSize * classes &&
    endToEndMs.length === batches &&
    (deviceMs === null || deviceMs.length === batches);
  if (!complete) throw new Error(`the device gave ${logits.length} logits and ${endToEndMs.length} times`);
  return results;
}

/** Lets a `cancel` in. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
