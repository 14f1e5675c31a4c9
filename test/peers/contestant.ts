/** One side of the comparison: this engine at some precision, or a program that people run instead. */
import type { Precision } from '../../core/network/precision';
import type { DeviceRecord } from '../../core/session/schema';
import type { TestSet } from '../../main/datasets';

export interface Contestant {
  device: DeviceRecord;
  /** The model's id, and what was done to it where that is another network. */
  modelId: string;
  precision: Precision;
  variant: string;
  buildMs: number;
  loadMs: number;
  firstRunMs: number;
  /**
   * Batches `first` to `first + count - 1`, each timed from the batch in host memory to its logits there.
   * @param warmMs for so long the first of them is run before, untimed
   */
  run(first: number, count: number, warmMs: number): Promise<TimedBatches>;
  dispose(): void;
}

export interface TimedBatches {
  /** Of each batch. */
  ms: number[];
  /** Class of each image. */
  predictions: number[];
}

/** The first test images, and again from the first one on until the last batch is full. */
export interface Batches {
  batchSize: number;
  count: number;
  bytes: Uint8Array;
}

/** @param samples images; more than there are begin again with the first one */
export function batchesOf({ images, labels }: TestSet, samples: number, batchSize: number): Batches {
  const imageBytes = images.length / labels.length;
  const count = Math.ceil(samples / batchSize);
  const bytes = new Uint8Array(count * batchSize * imageBytes);
  for (let n = 0; n < count * batchSize; n++) {
    const from = (n % labels.length) * imageBytes;
    bytes.set(images.subarray(from, from + imageBytes), n * imageBytes);
  }
  return { batchSize, count, bytes };
}
