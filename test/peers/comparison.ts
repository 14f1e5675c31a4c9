/** Takes turns with the contestants of one network and batch size, and makes a run of a session of each. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { countCorrect } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
import { networkCost } from '../../core/network/cost';
import type { Model } from '../../core/network/model';
import type { Run } from '../../core/session/schema';
import type { TestSet } from '../../main/datasets';
import type { Contestant, TimedBatches } from './contestant';

/** ONNX Runtime's and OpenMP's threads spin for a while after a run. */
const REST_MS = 100;

export interface Turns {
  /** Batches in all, and in one turn. */
  batches: number;
  batchesATurn: number;
  /** How long each turn runs a batch untimed: small ones are over before caches, clocks and threads are awake. */
  warmMs: number;
}

/**
 * Each contestant's batches, in turns on the same ones; who begins changes with the turn. Those who took part in the
 * last turn when `stopped` says true keep what all have.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  { batches, batchesATurn, warmMs }: Turns,
  stopped: () => boolean,
): Promise<TimedBatches[]> {
  const results = contestants.map((): TimedBatches => ({ ms: [], predictions: [] }));
  for (let first = 0, turn = 0; first < batches; first += batchesATurn, turn++) {
    const count = Math.min(batchesATurn, batches - first);
    const here: TimedBatches[] = [];
    for (let i = 0; i < contestants.length; i++) {
      const index = (turn + i) % contestants.length;
      await sleep(REST_MS);
      if (stopped()) return results;
      here[index] = await contestants[index]!.run(first, count, warmMs);
    }
    here.forEach(({ ms, predictions }, index) => {
      results[index]!.ms.push(...ms);
      results[index]!.predictions.push(...predictions);
    });
  }
  return results;
}

/** @param wanted images that were to be classified; fewer are where the turns were stopped */
export function runOf(
  contestant: Contestant,
  { ms, predictions }: TimedBatches,
  model: Model,
  set: TestSet,
  { batchSize, wanted, startedAt }: { batchSize: number; wanted: number; startedAt: string },
): Run {
  const { device, modelId, precision, variant, buildMs, loadMs, firstRunMs } = contestant;
  const samples = Math.min(wanted, predictions.length);
  const labels = Array.from(set.labels.subarray(0, samples));
  const available = set.labels.length;
  const scored = predictions.slice(0, samples);
  const endToEndMsPerBatch = summarize(ms);
  const timing = { deviceMsPerBatch: null, endToEndMsPerBatch, buildMs, loadMs, firstRunMs };
  return {
    id: randomUUID(),
    startedAt,
    finishedAt: new Date().toISOString(),
    device,
    model: {
      id: modelId,
      mode: model.mode,
      topology: model.topology.id,
      parameters: networkCost(model.topology).parameters,
      sha256: model.sha256,
    },
    dataset: { id: set.id, sha256: set.sha256, samples, available, seed: null },
    precision,
    batchSize,
    accuracy: { correct: countCorrect(scored, labels), total: samples },
    timing,
    energy: null,
    imageIndices: samples < available ? labels.map((_, i) => i) : null,
    predictions: scored,
    labels,
    verdict: judge({ deviceType: device.type, samples, available, timing }),
    kernels: { variant, sourceSha256: null, buildOptions: '' },
  };
}
