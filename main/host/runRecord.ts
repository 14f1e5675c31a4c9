/** Gathers the messages of a device process into the record of a run. */
import { randomUUID } from 'node:crypto';
import { countCorrect } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
import type { Circumstances, Run } from '../../core/session/schema';
import type { ChunkMessage, ReadyMessage, RepeatsMessage, RunRequest, TimedMessage } from './protocol';
import type { RunEnergy } from './runEnergy';

export class RunRecord {
  readonly totalImages: number;
  doneImages = 0;
  correctImages = 0;
  private readonly predictions: number[] = [];
  private readonly testSetTimes: Times = { endToEndMs: [], deviceMs: [] };
  private readonly repeatTimes: Times = { endToEndMs: [], deviceMs: [] };
  private timed: TimedMessage | null = null;

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
    addTimes(this.testSetTimes, message);
  }

  addRepeats(message: RepeatsMessage): void {
    addTimes(this.repeatTimes, message);
  }

  setTimed(message: TimedMessage): void {
    this.timed = message;
  }

  /** @throws Error where the device process said that it had finished and had not */
  finish(finishedAt: string, circumstances: Omit<Circumstances, 'clockStepNs'>, energy: RunEnergy): Run {
    const { ready, request, predictions, timed } = this;
    if (!timed) throw new Error('the device process did not say when its timed run was');
    // Where batches were repeated, they are what was timed.
    const { endToEndMs, deviceMs } = timed.stopped === null ? this.testSetTimes : this.repeatTimes;
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
    };
    const { samples, available } = dataset;
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
      energy: energy.record(timed, endToEndMs.length * request.batchSize),
      circumstances: { ...circumstances, clockStepNs: ready.clockStepNs },
      scenario: request.scenario ?? 'accuracy',
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
        stopped: timed.stopped,
      }),
      kernels,
    };
  }
}

interface Times {
  endToEndMs: number[];
  deviceMs: number[];
}

function addTimes(times: Times, message: Pick<ChunkMessage, 'endToEndMs' | 'deviceMs'>): void {
  for (const ms of message.endToEndMs) times.endToEndMs.push(ms);
  for (const ms of message.deviceMs ?? []) times.deviceMs.push(ms);
}
