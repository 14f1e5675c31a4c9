/**
 * Gathers the messages of a device process into the record of a run. Each of them fits its schema; a process whose
 * memory a driver has overwritten may still say what does not fit together. That ends its run, as nobody could read
 * a session with such a run in it.
 */
import { randomUUID } from 'node:crypto';
import { WorkbenchError } from '../../core/errors';
import { countCorrect } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
import { findContradiction } from '../../core/session/document';
import type { Circumstances, Run } from '../../core/session/schema';
import type { EnergyOfRun, TimedSpan } from './groupPower';
import type {
  ChunkMessage,
  MeasuredMessage,
  ReadyMessage,
  RepeatsMessage,
  RunRequest,
  YieldedMessage,
} from './protocol';

/** A session has to be read again. */
const MOST_CHARACTERS = 2 ** 20;
/** Far beyond where a run that is not stable gives up (core/evaluation/stability.ts). */
const MOST_REPEATS = 1_000_000;

/** The samples of one part of a run: of the test set's pass, or of what was repeated after it. */
class Samples {
  readonly endToEndMs: number[] = [];
  readonly deviceMs: number[] = [];
  /** Of each turn. */
  readonly spans: TimedSpan[] = [];

  add({ endToEndMs, deviceMs }: Pick<ChunkMessage, 'endToEndMs' | 'deviceMs'>): void {
    for (const ms of endToEndMs) this.endToEndMs.push(ms);
    for (const ms of deviceMs ?? []) this.deviceMs.push(ms);
  }

  endTurn({ startMs, endMs, steadyMs }: YieldedMessage): void {
    const before = this.spans.reduce((sum, { batches }) => sum + batches, 0);
    this.spans.push({ startMs, endMs, steadyMs, batches: this.endToEndMs.length - before });
  }
}

export class RunRecord {
  readonly totalImages: number;
  doneImages = 0;
  correctImages = 0;
  /** Nothing more has to be timed. */
  satisfied = false;
  private readonly predictions: number[] = [];
  private readonly testSet = new Samples();
  private readonly repeats = new Samples();
  private stopped: YieldedMessage['stopped'] = null;
  private measured: MeasuredMessage | null = null;
  /** Whether anything was timed since the last turn. */
  private hasWorked = false;

  /** @throws WorkbenchError `device-lost` */
  constructor(
    private readonly request: RunRequest,
    private readonly ready: ReadyMessage,
    private readonly startedAt: string,
  ) {
    const { labels, imageIndices, dataset, device } = ready;
    this.totalImages = labels.length;
    requireModest({ ...ready, labels: null, imageIndices: null });
    if (device.id !== request.deviceId) throw contradiction(`it ran on ${device.id}`);
    if (dataset.samples !== labels.length) {
      throw contradiction(`${labels.length} labels for ${dataset.samples} images`);
    }
    if (imageIndices && imageIndices.length !== labels.length) {
      throw contradiction(`${labels.length} labels for ${imageIndices.length} places of images`);
    }
  }

  /** @throws WorkbenchError `device-lost` */
  add(message: ChunkMessage): void {
    const { predictions } = message;
    if (predictions.length > this.totalImages - this.doneImages) {
      throw contradiction(`more answers than the ${this.totalImages} images`);
    }
    this.hasWorked = true;
    const labels = this.ready.labels.slice(this.doneImages, this.doneImages + predictions.length);
    this.correctImages += countCorrect(predictions, labels);
    this.doneImages += predictions.length;
    for (const prediction of predictions) this.predictions.push(prediction);
    this.testSet.add(message);
  }

  /** @throws WorkbenchError `device-lost` */
  addRepeats(message: RepeatsMessage): void {
    this.hasWorked = true;
    this.repeats.add(message);
    if (this.repeats.endToEndMs.length > MOST_REPEATS) throw contradiction('it repeated batches without end');
  }

  /** @throws WorkbenchError `device-lost` */
  endTurn(message: YieldedMessage): void {
    // Turns would be given to it for ever.
    if (!this.hasWorked && !message.satisfied) throw contradiction('it ended a turn without a batch');
    this.hasWorked = false;
    (message.part === 'repeats' ? this.repeats : this.testSet).endTurn(message);
    this.satisfied = message.satisfied;
    this.stopped = message.stopped ?? this.stopped;
  }

  /** @throws WorkbenchError `device-lost` */
  setMeasured(message: MeasuredMessage): void {
    requireModest({ ...message, sampling: null });
    this.measured = message;
  }

  /** Where batches were repeated, they are what was timed. */
  private get timed(): Samples {
    return this.repeats.spans.length > 0 ? this.repeats : this.testSet;
  }

  /** The turns whose samples are the run's. */
  get spans(): readonly TimedSpan[] {
    return this.timed.spans;
  }

  /** The end-to-end times of each turn, in order. */
  get rounds(): number[][] {
    const { endToEndMs, spans } = this.timed;
    let first = 0;
    return spans.map(({ batches }) => {
      const round = endToEndMs.slice(first, first + batches);
      first += batches;
      return round;
    });
  }

  /**
   * @param group of the runs that took turns; null where this one was alone
   * @throws WorkbenchError `device-lost` where the device process said that it had finished and had not
   */
  finish(
    finishedAt: string,
    circumstances: Omit<Circumstances, 'clockStepNs'>,
    energyOf: (spans: readonly TimedSpan[], batchSize: number) => EnergyOfRun,
    group: string | null,
  ): Run {
    const { ready, request, predictions, measured } = this;
    if (!measured || !this.satisfied) throw contradiction('it ended before its run did');
    const { endToEndMs, deviceMs, spans } = this.timed;
    if (predictions.length !== ready.labels.length) {
      throw contradiction(`${predictions.length} answers for ${ready.labels.length} images`);
    }
    if (deviceMs.length !== 0 && deviceMs.length !== endToEndMs.length) {
      throw contradiction(`${deviceMs.length} device times for ${endToEndMs.length} batches`);
    }
    const { device, model, dataset, kernels, imageIndices, labels, buildMs, loadMs, firstRunMs } = ready;
    const timing = {
      deviceMsPerBatch: deviceMs.length > 0 ? summarize(deviceMs) : null,
      endToEndMsPerBatch: summarize(endToEndMs),
      buildMs,
      loadMs,
      firstRunMs,
      ...(measured.layers === null ? {} : { layers: measured.layers }),
      overhead: measured.overhead,
      spans: { startMs: spans.map(({ startMs }) => startMs), endMs: spans.map(({ endMs }) => endMs) },
    };
    const { samples, available } = dataset;
    const { energy, power } = energyOf(spans, request.batchSize);
    const run: Run = {
      id: randomUUID(),
      startedAt: this.startedAt,
      finishedAt,
      device,
      model,
      dataset,
      precision: request.precision,
      batchSize: request.batchSize,
      accuracy: { correct: this.correctImages, total: predictions.length },
      timing,
      energy,
      ...(power === null ? {} : { power }),
      circumstances: { ...circumstances, clockStepNs: ready.clockStepNs },
      scenario: request.scenario ?? 'accuracy',
      ...(group === null
        ? {}
        : { interleaving: { group, batchesPerRound: spans.map(({ batches }) => batches) } }),
      ...(measured.sampling === null ? {} : { sampling: measured.sampling }),
      imageIndices,
      predictions,
      labels,
      verdict: judge({
        deviceType: device.type,
        samples,
        available,
        timing,
        scenario: request.scenario ?? 'accuracy',
        quick: request.quick ?? false,
        stopped: this.stopped,
      }),
      kernels,
    };
    const reason = findContradiction(run);
    if (reason !== null) throw contradiction(reason);
    return run;
  }
}

/** Names, build options and times of steps: what has no length by itself. */
function requireModest(parts: object): void {
  const { length } = JSON.stringify(parts);
  if (length > MOST_CHARACTERS) throw contradiction(`it described its run with ${length} characters`);
}

export function contradiction(reason: string): WorkbenchError {
  return new WorkbenchError('device-lost', `The device's process contradicted itself: ${reason}.`, {
    remedy: 'Run it again; if it happens again, update the driver.',
  });
}
