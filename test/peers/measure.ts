/**
 * The comparison. All contestants take turns on the same batches of test images, each batch once, after a rest in
 * which the threads of the one before stop spinning; what is timed is also what is scored. Prints the tables of
 * docs/performance.md and writes a session that the workbench opens. Stopped by Ctrl-C it keeps what it has.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { networkCost } from '../../core/network/cost';
import type { Model } from '../../core/network/model';
import type { Run } from '../../core/session/schema';
import { applicationRoot } from '../../main/applicationRoot';
import { loadTestSet, loadTrainingImages, type TestSet } from '../../main/datasets';
import type { Device } from '../../main/devices/device';
import { describeMachine, describeProgram } from '../../main/host/provenance';
import { SessionStore } from '../../main/host/sessionStore';
import { loadModel } from '../../main/models';
import { dataFolder } from '../../setup/folders.mjs';
import { runOf, type Turns, takeTurns } from './comparison';
import { type Batches, batchesOf, type Contestant } from './contestant';
import { engineContestants, openCpuDevices } from './engine';
import { runTables } from './performanceTable';
import { PeerProcess, writePeerFiles } from './pythonPeers';

const CALIBRATION_IMAGES = 256;
const LARGE_BATCH = 256;
const SINGLE_IMAGES = 600;
/** Multiply-adds of a batch below which a turn takes several batches, after untimed ones. */
const SMALL_BATCH = 1e10;
const WARM_MS = 20;
const SMALL_BATCHES_A_TURN = { single: 20, large: 4 };
/** Of mode none only fp32 is compared, for its time. */
const NONE_IMAGES = 4 * LARGE_BATCH;
const QUICK = { samples: 2 * LARGE_BATCH, singleImages: 60 };

/** Images of a network that are compared at a batch size. */
interface Comparison {
  batchSize: number;
  samples: number;
}

const options = {
  python: { type: 'string' },
  model: { type: 'string', default: 'cifar10-deterministic,cifar10-none,mnist-deterministic' },
  batch: { type: 'string', default: `${LARGE_BATCH},1` },
  samples: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopped = true));
  const session = new LazySession();
  try {
    for (const id of values.model.split(',')) {
      if (stopped) break;
      const model = await loadModel(id);
      await compareModel(model, plan(model, values), session, () => stopped);
    }
  } finally {
    await session.close();
  }
}

function plan(
  { mode }: Model,
  values: { batch: string; samples?: string | undefined; quick: boolean },
): Comparison[] {
  const wanted = Number(values.samples ?? Number.POSITIVE_INFINITY);
  const many = values.quick ? QUICK.samples : mode === 'none' ? NONE_IMAGES : Number.POSITIVE_INFINITY;
  const few = values.quick ? QUICK.singleImages : SINGLE_IMAGES;
  const sizes = values.batch.split(',').map(Number);
  return sizes
    .filter((batchSize) => mode !== 'none' || batchSize > 1)
    .map((batchSize) => ({ batchSize, samples: Math.min(batchSize === 1 ? few : many, wanted) }));
}

/** All batch sizes of a model, with one Python process for them. */
async function compareModel(
  model: Model,
  comparisons: readonly Comparison[],
  session: LazySession,
  stopped: () => boolean,
): Promise<void> {
  if (model.dataset === null) throw new WorkbenchError('usage', `${model.id} does not name its data set`);
  const set = await loadTestSet(model.dataset);
  const training = await loadTrainingImages(model.dataset, CALIBRATION_IMAGES, 1);
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-peers-'));
  const longest = Math.max(
    ...comparisons.map(({ samples, batchSize }) => Math.min(samples, set.labels.length) + batchSize),
  );
  const test = batchesOf(set, longest, 1).bytes;
  writePeerFiles(folder, model, { test, calibration: training.images }, availableParallelism());
  const python = process.env.BNNW_PEER_PYTHON ?? 'python3';
  const peers = new PeerProcess(python, join(applicationRoot(), 'test/peers/peers.py'), folder);
  const devices = await openCpuDevices();
  try {
    for (const comparison of comparisons) {
      if (stopped()) break;
      const runs = await compare(model, set, comparison, { devices, peers }, stopped);
      if (runs.length === 0) continue;
      await session.append(runs);
      console.log(`\n## ${model.id}, batch ${comparison.batchSize}\n\n${runTables(runs).join('\n')}`);
    }
  } finally {
    for (const device of devices) device.close();
    peers.close();
    rmSync(folder, { recursive: true });
  }
}

async function compare(
  model: Model,
  set: TestSet,
  { batchSize, samples: wanted }: Comparison,
  { devices, peers }: { devices: readonly Device[]; peers: PeerProcess },
  stopped: () => boolean,
): Promise<Run[]> {
  const samples = Math.min(wanted, set.labels.length);
  const batches = batchesOf(set, samples, batchSize);
  const contestants: Contestant[] = [];
  try {
    for (const device of devices) contestants.push(...(await engineContestants(device, model, batches)));
    contestants.push(...(await peers.contestants(model, batches)));
    const startedAt = new Date().toISOString();
    const results = await takeTurns(contestants, turnsOf(model, batches), stopped);
    return contestants.flatMap((contestant, i) => {
      const result = results[i]!;
      const circumstances = { batchSize, wanted: samples, startedAt };
      return result.ms.length === 0 ? [] : [runOf(contestant, result, model, set, circumstances)];
    });
  } finally {
    for (const contestant of contestants) contestant.dispose();
  }
}

function turnsOf({ topology }: Model, { batchSize, count }: Batches): Turns {
  const small = batchSize * networkCost(topology).multiplyAdds < SMALL_BATCH;
  const several = batchSize === 1 ? SMALL_BATCHES_A_TURN.single : SMALL_BATCHES_A_TURN.large;
  return { batches: count, batchesATurn: small ? several : 1, warmMs: small ? WARM_MS : 0 };
}

/** Created with the first runs, so that a comparison that was stopped at once leaves none. */
class LazySession {
  private writer: Awaited<ReturnType<SessionStore['create']>> | null = null;

  async append(runs: readonly Run[]): Promise<void> {
    this.writer ??= await new SessionStore(join(dataFolder, 'sessions')).create({
      name: 'This engine and its peers on a CPU',
      createdAt: new Date().toISOString(),
      program: await describeProgram(),
      machine: describeMachine(),
      command: `npm run bench:peers -- ${process.argv.slice(2).join(' ')}`.trim(),
    });
    for (const run of runs) {
      const { device, model, precision, batchSize, startedAt } = run;
      const head = { deviceName: device.name, modelId: model.id, precision, batchSize, at: startedAt };
      await this.writer.append({ kind: 'run-started', ...head });
      await this.writer.append({ kind: 'images', imageIndices: run.imageIndices, labels: run.labels });
      await this.writer.append({ kind: 'run-finished', run });
    }
  }

  async close(): Promise<void> {
    if (!this.writer) return;
    await this.writer.close();
    console.log(`\nsession: ${this.writer.path}`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
