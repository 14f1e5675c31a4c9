/** Gathers the messages of a device process into the record of a run. */
import { randomUUID } from 'node:crypto';
import { countCorrect } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
import type { Run } from '../../core/session/schema';
import type { ChunkMessage, ReadyMessage, RunRequest } from './protocol';

export class RunRecord {
  readonly totalImages: number;
  doneImages = 0;
  correctImages = 0;
  private readonly predictions: number[] = [];
  private readonly endToEndMs: number[] = [];
  private readonly deviceMs: number[] = [];

  constructor(
    private readonly request: RunRequest,
    private readonly ready: ReadyMessage,
    private readonly startedAt: string,
  ) {
    this.totalImages = ready.labels.length;
  }

  add({ predictions, endToEndMs, deviceMs }: ChunkMessage): void {
    const labels = this.ready.labels.slice(this.doneImages, this.doneImages + predictions.length);
    this.correctImages += countCorrect(predictions, labels);
    this.doneImages += predictions.length;
    for (const prediction of predictions) this.predictions.push(prediction);
    for (const ms of endToEndMs) this.endToEndMs.push(ms);
    for (const ms of deviceMs ?? []) this.deviceMs.push(ms);
  }

  /** @throws Error where the device process said that it had finished and had not */
  finish(finishedAt: string): Run {
    const { ready, request, predictions, endToEndMs, deviceMs } = this;
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
      energy: null,
      imageIndices,
      predictions,
      labels,
      verdict: judge({ deviceType: device.type, samples, available, timing }),
      kernels,
    };
  }
}
