/**
 * The comparison itself. All contestants take turns, round by round, on the same batch: an untimed run of it, then
 * the timed one, after a rest in which the threads of the one before stop spinning. Accuracy comes from the same
 * prepared networks. Prints medians, 95 % bootstrap intervals and paired ratios, and writes a session.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { countCorrect, predictedClasses } from '../../core/evaluation/accuracy';
import { summarize } from '../../core/evaluation/summary';
import { judge } from '../../core/evaluation/verdict';
import { networkCost } from '../../core/network/cost';
import type { Model } from '../../core/network/model';
import type { Precision } from '../../core/network/precision';
import type { DeviceRecord, Run } from '../../core/session/schema';
import { medianInterval, medianRatioInterval } from '../../core/statistics/bootstrap';
import { median } from '../../core/statistics/percentiles';
import { applicationRoot } from '../../main/applicationRoot';
import { loadTestSet, loadTrainingImages, type TestSet } from '../../main/datasets';
import type { Device } from '../../main/devices/device';
import { openClProvider } from '../../main/devices/opencl/provider';
import { describeMachine, describeProgram } from '../../main/host/provenance';
import { SessionStore } from '../../main/host/sessionStore';
import { loadModel } from '../../main/models';
import { dataFolder } from '../../setup/folders.mjs';
import { PEERS, type PeerName, PeerProcess, writePeerFiles } from './peerProcess';

/** ONNX Runtime's and OpenMP's threads spin for a while after a run. */
const REST_MS = 100;
const CALIBRATION_IMAGES = 256;

/** One side of the comparison. */
interface Contestant {
  device: DeviceRecord;
  precision: Precision;
  ours: boolean;
  variant: string;
  buildMs: number;
  loadMs: number;
  firstRunMs: number;
  /** Predicted class of every test image. */
  classify(): Promise<number[]>;
  /** Milliseconds of batch `index`, after the same batch untimed. */
  time(index: number): Promise<number>;
  dispose(): void;
}

/** The test images, repeated from the first one until the last batch is full. */
interface Images {
  set: TestSet;
  samples: number;
  batches: number;
  bytes: Uint8Array;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      model: { type: 'string', default: 'cifar10-deterministic' },
      batch: { type: 'string', default: '256,1' },
      rounds: { type: 'string', default: '30' },
      samples: { type: 'string', default: '10000' },
    },
  });
  const model = await loadModel(values.model);
  if (model.dataset === null) throw new WorkbenchError('usage', `${model.id} does not name its data set`);
  const set = await loadTestSet(model.dataset);
  const training = await loadTrainingImages(model.dataset, CALIBRATION_IMAGES, 1);
  const writer = await new SessionStore(join(dataFolder, 'sessions')).create({
    name: `${model.id}: this engine and its peers`,
    createdAt: new Date().toISOString(),
    program: await describeProgram(),
    machine: describeMachine(),
    command: `npm run bench:peers -- ${process.argv.slice(2).join(' ')}`,
  });
  try {
    for (const batchSize of values.batch.split(',').map(Number)) {
      const images = imagesFor(set, Number(values.samples), batchSize);
      const runs = await compare(model, images, training.images, batchSize, Number(values.rounds));
      for (const run of runs) {
        const { device, precision, startedAt } = run;
        const head = { deviceName: device.name, modelId: model.id, precision, batchSize, at: startedAt };
        await writer.append({ kind: 'run-started', ...head });
        await writer.append({ kind: 'images', imageIndices: run.imageIndices, labels: run.labels });
        await writer.append({ kind: 'run-finished', run });
      }
    }
  } finally {
    await writer.close();
  }
  console.log(`session: ${writer.path}`);
}

function imagesFor(set: TestSet, wanted: number, batchSize: number): Images {
  const samples = Math.min(wanted, set.labels.length);
  const batches = Math.ceil(samples / batchSize);
  const imageBytes = set.images.length / set.labels.length;
  const bytes = new Uint8Array(batches * batchSize * imageBytes);
  for (let n = 0; n < batches * batchSize; n++) {
    const from = (n % samples) * imageBytes;
    bytes.set(set.images.subarray(from, from + imageBytes), n * imageBytes);
  }
  return { set, samples, batches, bytes };
}

async function compare(
  model: Model,
  images: Images,
  calibration: Uint8Array,
  batchSize: number,
  rounds: number,
): Promise<Run[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-peers-'));
  writePeerFiles(folder, model, { test: images.bytes, calibration }, availableParallelism());
  const python = process.env.BNNW_PEER_PYTHON ?? 'python3';
  const peers = new PeerProcess(python, join(applicationRoot(), 'test/peers/peers.py'), folder);
  const contestants: Contestant[] = [];
  const devices: Device[] = [];
  try {
    await addOurs(contestants, devices, model, images, batchSize);
    for (const peer of PEERS) await addPeer(contestants, peers, peer, batchSize);
    const startedAt = new Date().toISOString();
    const times = await takeTurns(contestants, images.batches, rounds);
    const runs: Run[] = [];
    for (const contestant of contestants) {
      const predictions = (await contestant.classify()).slice(0, images.samples);
      const ms = times.get(contestant)!;
      runs.push(runOf(contestant, model, images, batchSize, predictions, ms, startedAt));
    }
    print(contestants, runs, batchSize);
    return runs;
  } finally {
    for (const contestant of contestants) contestant.dispose();
    for (const device of devices) device.close();
    peers.close();
    rmSync(folder, { recursive: true });
  }
}

async function addOurs(
  contestants: Contestant[],
  devices: Device[],
  model: Model,
  { bytes, batches }: Images,
  batchSize: number,
): Promise<void> {
  const precisions: Precision[] = model.mode === 'none' ? ['fp32'] : ['a4', 'a8', 'a3', 'a2', 'fp32'];
  for (const { id } of (await openClProvider.list()).filter(({ type }) => type === 'cpu')) {
    const opened = await openClProvider.open(id);
    devices.push(opened);
    for (const precision of precisions) {
      const network = await opened.prepare(model, precision, batchSize);
      const batchBytes = bytes.length / batches;
      const batch = (index: number) => bytes.subarray(index * batchBytes, (index + 1) * batchBytes);
      const first = await network.run(batch(0), 1);
      const { name, platform, type, driver } = opened.info;
      contestants.push({
        device: { id, name, platform, type, driver },
        precision,
        ours: true,
        variant: network.kernels.variant,
        buildMs: network.buildMs,
        loadMs: network.loadMs,
        firstRunMs: first.endToEndMs[0]!,
        async classify() {
          const { logits } = await network.run(bytes, batches);
          const predictions = predictedClasses(logits, model.topology.classes);
          if (!predictions)
            throw new WorkbenchError('wrong-answer', `${name} gave logits that are no numbers`);
          return predictions;
        },
        async time(index) {
          await network.run(batch(index), 1);
          return (await network.run(batch(index), 1)).endToEndMs[0]!;
        },
        dispose: () => network.dispose(),
      });
    }
  }
}

/** A peer that does not load is told and left out. */
async function addPeer(
  contestants: Contestant[],
  peers: PeerProcess,
  peer: PeerName,
  batchSize: number,
): Promise<void> {
  try {
    const { version, prepareMs, firstRunMs } = await peers.prepare(peer, batchSize);
    const platform = peer.startsWith('onnx') ? 'ONNX Runtime' : 'PyTorch';
    const id = `peer:${peer.replace(/[^a-z0-9]+/g, '-')}`;
    contestants.push({
      device: { id, name: peer, platform, type: 'cpu', driver: version },
      precision: peer.endsWith('int8') ? 'a8' : 'fp32',
      ours: false,
      variant: peer,
      ...{ buildMs: prepareMs, loadMs: 0, firstRunMs },
      classify: () => peers.classify(peer),
      time: (index) => peers.time(peer, index),
      dispose: () => {},
    });
  } catch (error) {
    console.log(`left out: ${peer}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Everyone's milliseconds, round by round; who begins changes with the round. */
async function takeTurns(
  contestants: Contestant[],
  batches: number,
  rounds: number,
): Promise<Map<Contestant, number[]>> {
  const times = new Map(contestants.map((contestant): [Contestant, number[]] => [contestant, []]));
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length]!;
      await sleep(REST_MS);
      times.get(contestant)!.push(await contestant.time(round % batches));
    }
  return times;
}

function runOf(
  contestant: Contestant,
  model: Model,
  { set, samples }: Images,
  batchSize: number,
  predictions: number[],
  ms: number[],
  startedAt: string,
): Run {
  const { device, precision, variant, buildMs, loadMs, firstRunMs } = contestant;
  const labels = Array.from(set.labels.subarray(0, samples));
  const available = set.labels.length;
  const endToEndMsPerBatch = summarize(ms);
  const timing = { deviceMsPerBatch: null, endToEndMsPerBatch, buildMs, loadMs, firstRunMs };
  return {
    id: randomUUID(),
    startedAt,
    finishedAt: new Date().toISOString(),
    device,
    model: {
      id: model.id,
      mode: model.mode,
      topology: model.topology.id,
      parameters: networkCost(model.topology).parameters,
      sha256: model.sha256,
    },
    dataset: { id: set.id, sha256: set.sha256, samples, available, seed: null },
    precision,
    batchSize,
    accuracy: { correct: countCorrect(predictions, labels), total: samples },
    timing,
    energy: null,
    imageIndices: samples < available ? labels.map((_, i) => i) : null,
    predictions,
    labels,
    verdict: judge({ deviceType: device.type, samples, available, timing }),
    kernels: { variant, sourceSha256: null, buildOptions: '' },
  };
}

function print(contestants: Contestant[], runs: Run[], batchSize: number): void {
  const samples = (run: Run) => run.timing.endToEndMsPerBatch.samples;
  const ours = runs.filter((_, i) => contestants[i]!.ours);
  console.log(
    `\nbatch ${batchSize}, ms an image: median [95 % interval], correct; then how many times longer than`,
  );
  console.log(ours.map(({ device, precision }) => `  ${precision} on ${device.platform}`).join('\n'));
  for (const run of runs) {
    const { low, high } = medianInterval(samples(run));
    const perImage = [median(samples(run)), low, high].map((ms) => (ms / batchSize).toFixed(4));
    const ratios = ours.map((own) => {
      const interval = medianRatioInterval(samples(run), samples(own), { paired: true });
      const ratio = median(samples(run)) / median(samples(own));
      return `${ratio.toFixed(2)} [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]`;
    });
    const { correct, total } = run.accuracy;
    const label = `${run.precision} ${run.kernels.variant}`;
    console.log(
      `${label.padEnd(46)} ${perImage[0]} [${perImage[1]}, ${perImage[2]}]  ${correct} of ${total}  x ${ratios.join('  ')}`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
