/** Gathers the messages of a device process into the record of a run. */
import { randomUUID } from 'node:crypto';
import { countCorrect } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
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

  constructor(
    private readonly request: RunRequest,
    private readonly ready: ReadyMessage,
    private readonly startedAt: string,
  ) {
    this.totalImages = ready.labels.length;
  }

  add(message: ChunkMessage): void {
    const { predictions } = message;
    const labels = this.ready.labels.slice(this.doneImages, this.doneImages + predictions.length);
    this.correctImages += countCorrect(predictions, labels);
    this.doneImages += predictions.length;
    for (const prediction of predictions) this.predictions.push(prediction);
    this.testSet.add(message);
  }

  addRepeats(message: RepeatsMessage): void {
    this.repeats.add(message);
  }

  endTurn(message: YieldedMessage): void {
    (message.part === 'repeats' ? this.repeats : this.testSet).endTurn(message);
    this.satisfied = message.satisfied;
    this.stopped = message.stopped ?? this.stopped;
  }

  setMeasured(message: MeasuredMessage): void {
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
   * @throws Error where the device process said that it had finished and had not
   */
  finish(
    finishedAt: string,
    circumstances: Omit<Circumstances, 'clockStepNs'>,
    energyOf: (spans: readonly TimedSpan[], batchSize: number) => EnergyOfRun,
    group: string | null,
  ): Run {
    const { ready, request, predictions, measured } = this;
    if (!measured || !this.satisfied) throw new Error('the device process ended before its run did');
    const { endToEndMs, deviceMs, spans } = this.timed;
    if (predictions.length !== ready.labels.length) {
      throw new Error(`${predictions.length} answers for ${ready.labels.length} images`);
    }
    if (deviceMs.length !== 0 && deviceMs.length !== endToEndMs.length) {
      throw new Error(`${deviceMs.length} device times for ${endToEndMs.length} batches`);
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
    return {
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
  }
}
