/** One run inside the device process: load, prepare, self-test, warm up, the timed run, and what stands beside it. */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../core/errors';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { networkCost } from '../../core/network/cost';
import type { LatentWeights, Model } from '../../core/network/model';
import type { BatchResults, Device, DeviceProvider, PreparedNetwork } from '../devices/device';
import { AnswerAudit } from './answerAudit';
import { type BatchParts, BatchTimer, checkShape, type Send, yieldToMessages } from './batchTimer';
import { besideTheTimes } from './besideTimes';
import { clockStepNs } from './clockStep';
import type { FromDeviceProcess, RunRequest } from './protocol';
import { batchImages, chooseRunImages, type LoadTestSet, type RunImages } from './runImages';
import { checkAnswer, referenceNetwork } from './selfTest';
import { timedRun } from './timedRun';
import type { Turns } from './turns';
import { sampleWeights } from './weightSampling';

/** Where a run's model and images come from. */
export interface RunSources {
  loadModel(idOrPath: string): Promise<Model>;
  /** The real weights behind a stochastically binarized model; null where they are not stored. */
  loadLatent(idOrPath: string): Promise<LatentWeights | null>;
  loadTestSet: LoadTestSet;
}

/** A first batch may compile and page in; a few more settle clocks and caches. */
const WARM_UP_BATCHES = 3;
const WARM_UP_MS = 1000;
/** Fast ones go on for so long, through the test set once at most: a process that has just started is slow. */
const SETTLE_MS = 200;
/** Of the answers to each: what is read often enough is compiled by the time it stands between timed batches. */
const READINGS = 20;

/**
 * @param cancelled ends the run after the batches in flight
 * @throws WorkbenchError of every kind; what was sent before is finished
 */
export async function runOnDevice(
  request: RunRequest,
  provider: DeviceProvider,
  sources: RunSources,
  send: Send,
  cancelled: AbortSignal,
  turns: Turns,
): Promise<void> {
  const enter = (phase: Extract<FromDeviceProcess, { kind: 'phase' }>['phase']) => {
    if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
    send({ kind: 'phase', phase, detail: null, expectedMs: null });
  };

  enter('loading model');
  const model = await sources.loadModel(request.model);
  enter('fetching data');
  const chosen = await chooseRunImages(request, model, sources.loadTestSet, send);

  enter('building kernels');
  const device = await provider.open(request.deviceId);
  try {
    const network = await device.prepare(model, request.precision, request.batchSize);
    try {
      enter('self-test');
      const known = await selfTest(request, model, device, network, chosen, cancelled);
      enter('warming up');
      const { classes } = model.topology;
      const { precision, seed } = request;
      const newAudit = () => new AnswerAudit({ network, classes, chosen, precision, seed });
      const batchMs = await warmUp({ network, classes, chosen, batchMs: 0, send, cancelled }, newAudit());
      send(readyMessage(request, model, device, network, chosen, known.firstRunMs));
      const audit = newAudit();
      const account = await timedRun({
        ...{ request, network, classes, chosen, batchMs, send, cancelled, turns, audit },
      });
      // A device may begin to answer wrongly at any time; what it said since the self-test is worth nothing then.
      const firstBatch = batchImages(chosen, 0, 1, request.batchSize);
      known.check(await network.run(firstBatch, 1));
      await audit.check(cancelled);
      const beside = await besideTheTimes({ request, model, device, network, images: firstBatch, account });
      const sampling = request.sampling
        ? await sampleWeights({
            ...{ request, sampling: request.sampling, model, device, chosen, sources, send, cancelled },
          })
        : null;
      send({ kind: 'measured', ...beside, sampling });
    } finally {
      network.dispose();
    }
  } finally {
    device.close();
  }
}

interface KnownAnswer {
  /** The time of the first batch, in ms. */
  firstRunMs: number;
  /** Checks another answer to the first batch. @throws WorkbenchError `wrong-answer` */
  check(results: BatchResults): void;
}

/**
 * Runs the first batch and compares its first and last image with the reference, so that a mistake in the
 * stride of a batch is found.
 * The null device computes nothing, so it has no answer that could be known.
 */
async function selfTest(
  request: RunRequest,
  model: Model,
  device: Device,
  network: PreparedNetwork,
  chosen: RunImages,
  cancelled: AbortSignal,
): Promise<KnownAnswer> {
  const { batchSize, precision } = request;
  const images = batchImages(chosen, 0, 1, batchSize);
  const { classes } = model.topology;
  const first = checkShape(await network.run(images, 1), 1, batchSize, classes);
  const firstRunMs = first.endToEndMs[0]!;
  if (device.info.type === 'null') return { firstRunMs, check: () => undefined };

  const reference = referenceNetwork(model, precision);
  const imageBytes = images.length / batchSize;
  const right = new Map<number, Float32Array>();
  for (const place of new Set([0, batchSize - 1])) {
    await yieldToMessages();
    if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
    right.set(place, reference(images.subarray(place * imageBytes, (place + 1) * imageBytes), 1));
  }
  const check = (results: BatchResults) => {
    checkShape(results, 1, batchSize, classes);
    for (const [place, logits] of right) {
      const answer = results.logits.subarray(place * classes, (place + 1) * classes);
      checkAnswer(answer, logits, precision, device.info.name);
    }
  };
  check(first);
  return { firstRunMs, check };
}

/**
 * By the same steps that are timed later, so that they are compiled by then.
 * @param audit nobody's
 * @returns how long one batch takes by this process's clock, in ms
 */
async function warmUp(parts: BatchParts, audit: AnswerAudit): Promise<number> {
  const { network, chosen } = parts;
  const batches = Math.ceil(chosen.count / network.batchSize);
  const timer = new BatchTimer(parts);
  const started = performance.now();
  const goesOn = (done: number) => {
    const spentMs = performance.now() - started;
    return done < WARM_UP_BATCHES ? spentMs < WARM_UP_MS : done < batches && spentMs < SETTLE_MS;
  };
  for (let done = 0; goesOn(done); done++) {
    const { logits } = await timer.run(chosen, done, 1);
    audit.note(done % batches, 1, logits);
    for (let again = 0; again < READINGS; again++) predictedClasses(logits, parts.classes);
  }
  return timer.batchMs;
}

/** Of the numbers as the model file holds them. */
function scalesSha256({ calibration }: Model): string | null {
  if (calibration === null) return null;
  return createHash('sha256').update(JSON.stringify(calibration)).digest('hex');
}

function readyMessage(
  request: RunRequest,
  model: Model,
  device: Device,
  network: PreparedNetwork,
  { testSet, indices, count }: RunImages,
  firstRunMs: number,
): FromDeviceProcess {
  const { id, name, platform, type, driver, platformVersion } = device.info;
  const labels = indices ? indices.map((index) => testSet.labels[index]!) : Array.from(testSet.labels);
  return {
    kind: 'ready',
    device: {
      id,
      name,
      platform,
      type,
      driver,
      ...(platformVersion === undefined ? {} : { platformVersion }),
    },
    model: {
      id: model.id,
      mode: model.mode,
      topology: model.topology.id,
      parameters: networkCost(model.topology).parameters,
      sha256: model.sha256,
      scalesSha256: scalesSha256(model),
    },
    dataset: {
      id: testSet.id,
      sha256: testSet.sha256,
      samples: count,
      available: testSet.labels.length,
      seed: indices === null ? null : request.seed,
    },
    imageIndices: indices,
    labels,
    kernels: network.kernels,
    buildMs: network.buildMs,
    loadMs: network.loadMs,
    firstRunMs,
    clockStepNs: clockStepNs(),
  };
}
