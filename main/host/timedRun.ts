/** The part of a run that is timed: the test set once, and in some scenarios full batches again and again. */
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../core/errors';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { FULL_GOAL, QUICK_GOAL, Stability, type Stop } from '../../core/evaluation/stability';
import { Random } from '../../core/statistics/random';
import type { BatchResults, PreparedNetwork } from '../devices/device';
import type { FromDeviceProcess, RunRequest } from './protocol';
import { batchImages, type RunImages } from './runImages';

/** The person sees something new about this often. */
const CHUNK_MS = 250;
/** Images that are copied for one call of the device, at most. */
const CALL_BYTES = 64 * 2 ** 20;

export type Send = (message: FromDeviceProcess) => void;

export interface TimedParts {
  request: RunRequest;
  network: PreparedNetwork;
  classes: number;
  chosen: RunImages;
  /** As the warm-up showed it. */
  batchMs: number;
  send: Send;
  cancelled: AbortSignal;
}

/**
 * Sends the answers and times of the test set, the times of repeated batches where the scenario has them, and when
 * what was timed began and ended.
 * @throws WorkbenchError `wrong-answer`, `cancelled`, those of the device
 */
export async function timedRun(parts: TimedParts): Promise<void> {
  parts.send({ kind: 'phase', phase: 'running', detail: null, expectedMs: parts.batchMs });
  let start = now();
  const pass = await runTestSet(parts);
  let stopped: Stop | null = null;
  const scenario = parts.request.scenario ?? 'accuracy';
  if (scenario === 'throughput' || scenario === 'sweep') {
    start = now();
    stopped = await repeatBatches({ ...parts, batchMs: pass.batchMs }, pass.predictions);
  }
  const end = now();
  const steadyMs = end.steadyMs - start.steadyMs;
  parts.send({ kind: 'timed', startMs: start.wallMs, endMs: end.wallMs, steadyMs, stopped });
}

/** The smallest step of this process's clock, in ns. */
export function clockStepNs(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) {
    const start = process.hrtime.bigint();
    let end = start;
    while (end === start) end = process.hrtime.bigint();
    least = Math.min(least, Number(end - start));
  }
  return least;
}

/** The wall clock is the one that all processes share; the steady one tells whether somebody set it. */
function now(): { wallMs: number; steadyMs: number } {
  return { wallMs: Date.now(), steadyMs: performance.now() };
}

/** All images in their order. Returns their classes, and how long a batch takes now. */
async function runTestSet(parts: TimedParts): Promise<{ predictions: number[]; batchMs: number }> {
  const { network, chosen, send } = parts;
  const { batchSize } = network;
  const totalBatches = Math.ceil(chosen.count / batchSize);
  const all: number[] = [];
  let { batchMs } = parts;
  for (let done = 0; done < totalBatches; ) {
    const batches = Math.min(batchesForCall(parts, batchMs), totalBatches - done);
    const { results, predictions, elapsedMs } = await runBatches(parts, chosen, done, batches);
    batchMs = elapsedMs / batches;
    const answers = predictions.slice(0, chosen.count - done * batchSize);
    for (const answer of answers) all.push(answer);
    send({ kind: 'chunk', predictions: answers, ...timesOf(results, batchMs) });
    done += batches;
  }
  return { predictions: all, batchMs };
}

/**
 * Full batches of images in random order, each round in another, until their median is stable. Every answer
 * must be the one of the test set's pass. Returns why it ended.
 */
async function repeatBatches(parts: TimedParts, known: readonly number[]): Promise<Stop> {
  const { request, network, chosen, send } = parts;
  const { batchSize } = network;
  const stability = new Stability(request.quick ? QUICK_GOAL : FULL_GOAL);
  const random = new Random(request.seed);
  const started = performance.now();
  const samples: number[] = [];
  let { batchMs } = parts;
  for (;;) {
    const positions = random.shuffle(Array.from(known, (_, position) => position));
    const order = positions.map((position) => chosen.indices?.[position] ?? position);
    const round = { ...chosen, indices: order };
    const roundBatches = Math.ceil(chosen.count / batchSize);
    for (let done = 0; done < roundBatches; ) {
      const batches = Math.min(batchesForCall(parts, batchMs), roundBatches - done);
      const { results, predictions, elapsedMs } = await runBatches(parts, round, done, batches);
      batchMs = elapsedMs / batches;
      predictions.forEach((prediction, i) => {
        const position = positions[(done * batchSize + i) % chosen.count]!;
        if (prediction !== known[position]) throw otherAnswer(chosen.indices?.[position] ?? position);
      });
      send({ kind: 'repeats', ...timesOf(results, batchMs) });
      for (const ms of results.endToEndMs) samples.push(ms);
      const stop = stability.reasonToStop(samples, performance.now() - started);
      if (stop !== null) return stop;
      done += batches;
    }
  }
}

function otherAnswer(image: number): WorkbenchError {
  return new WorkbenchError('wrong-answer', 'The device changed its answer while it was timed.', {
    where: `test image ${image}`,
    remedy: 'Update its driver, or choose another device or precision.',
  });
}

/** So many that a person sees something new, the images fit into memory, and a cancel is heard. */
function batchesForCall({ network, chosen }: TimedParts, batchMs: number): number {
  const imageBytes = chosen.testSet.images.length / chosen.testSet.labels.length;
  const most = Math.max(1, Math.floor(CALL_BYTES / (network.batchSize * imageBytes)));
  return Math.min(most, Math.max(1, Math.floor(CHUNK_MS / Math.max(batchMs, 0.01))));
}

async function runBatches(parts: TimedParts, images: RunImages, first: number, batches: number) {
  const { network, classes, cancelled } = parts;
  await yieldToMessages();
  if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
  const bytes = batchImages(images, first, batches, network.batchSize);
  const started = performance.now();
  const results = checkShape(await network.run(bytes, batches), batches, network.batchSize, classes);
  const elapsedMs = performance.now() - started;
  const predictions = predictedClasses(results.logits, classes);
  if (predictions) return { results, predictions, elapsedMs };
  throw new WorkbenchError('wrong-answer', 'The device gave a logit that is not a finite number.', {
    remedy: 'Update its driver, or choose another device or precision.',
  });
}

function timesOf({ deviceMs, endToEndMs }: BatchResults, batchMs: number) {
  return {
    deviceMs: deviceMs && Array.from(deviceMs),
    endToEndMs: Array.from(endToEndMs),
    expectedMs: Math.max(batchMs, CHUNK_MS),
  };
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
