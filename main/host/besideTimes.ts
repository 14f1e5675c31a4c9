/** What is measured beside the times of a run, once they are taken: what measuring costs, and each layer's time. */
import type { Model } from '../../core/network/model';
import type { LayerTimes, Overhead } from '../../core/session/schema';
import { medianRatioInterval } from '../../core/statistics/bootstrap';
import { median, quantile } from '../../core/statistics/percentiles';
import type { CommandTimes, Device, PreparedNetwork } from '../devices/device';
import { nullProvider } from '../devices/null/provider';
import type { RunRequest } from './protocol';
import type { TimeAccount } from './timedRun';

const NULL_BATCHES = 100;
/** Batches with and without profiling in turns: so many pairs, or fewer where they would take too long. */
const PROFILING_PAIRS = 30;
const LEAST_PAIRS = 5;
const PROFILING_MS = 1000;
/** Batches that are timed command by command, with the same limits. */
const LAYER_BATCHES = 30;
const LEAST_LAYER_BATCHES = 3;
const LAYERS_MS = 3000;

export interface MeasuredParts {
  request: RunRequest;
  model: Model;
  device: Device;
  network: PreparedNetwork;
  /** One batch. */
  images: Uint8Array;
  account: TimeAccount;
}

export async function besideTheTimes(
  parts: MeasuredParts,
): Promise<{ overhead: Overhead; layers: LayerTimes | null }> {
  const { request, model, device, network, images } = parts;
  const { batches, turnMs, sampledMs } = parts.account;
  const batchMs = sampledMs / batches;
  return {
    overhead: {
      nullDeviceUsPerBatch: await nullDeviceUs(request, model, images),
      betweenBatchesUs: ((turnMs - sampledMs) / batches) * 1000,
      deviceClockStepNs: device.clockStepNs,
      profilingRatio: await profilingRatio(network, images, batchMs),
    },
    layers: request.layers ? await layerTimes(network, images, batchMs) : null,
  };
}

async function nullDeviceUs(request: RunRequest, model: Model, images: Uint8Array): Promise<number> {
  const [info] = await nullProvider.list();
  const device = await nullProvider.open(info!.id);
  const network = await device.prepare(model, request.precision, request.batchSize);
  const times: number[] = [];
  for (let i = 0; i < NULL_BATCHES; i++) {
    const { endToEndMs } = await network.run(images, 1);
    times.push(endToEndMs[0]! * 1000);
  }
  network.dispose();
  device.close();
  return median(times);
}

/** Each pair in the other order than the one before, so that drift falls on both. */
async function profilingRatio(
  network: PreparedNetwork,
  images: Uint8Array,
  batchMs: number,
): Promise<Overhead['profilingRatio']> {
  if (!network.runUnprofiled) return null;
  const pairs = Math.min(PROFILING_PAIRS, Math.floor(PROFILING_MS / (2 * Math.max(batchMs, 0.01))));
  if (pairs < LEAST_PAIRS) return null;
  const withProfiling: number[] = [];
  const without: number[] = [];
  await network.runUnprofiled(images, 1);
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0;
    if (first) withProfiling.push((await network.run(images, 1)).endToEndMs[0]!);
    without.push((await network.runUnprofiled(images, 1)).endToEndMs[0]!);
    if (!first) withProfiling.push((await network.run(images, 1)).endToEndMs[0]!);
  }
  const { low, high } = medianRatioInterval(withProfiling, without, { paired: true });
  return { ratio: median(withProfiling) / median(without), low, high, pairs };
}

async function layerTimes(
  network: PreparedNetwork,
  images: Uint8Array,
  batchMs: number,
): Promise<LayerTimes | null> {
  if (!network.runByCommand) return null;
  const affordable = Math.floor(LAYERS_MS / Math.max(batchMs, 0.01));
  const batches = Math.max(LEAST_LAYER_BATCHES, Math.min(LAYER_BATCHES, affordable));
  return summarizeLayers(await network.runByCommand(images, batches));
}

/** Medians over the batches. */
export function summarizeLayers({ commands, commandMs, deviceMs }: CommandTimes): LayerTimes {
  const steps = commands.map(({ name, kind }, place) => {
    const times = commandMs.filter((_, i) => i % commands.length === place);
    const quartilesMs: [number, number] = [quantile(times, 0.25), quantile(times, 0.75)];
    return { name, kind, medianMs: median(times), quartilesMs };
  });
  const kernels = steps.filter(({ kind }) => kind === 'kernel');
  return {
    batches: deviceMs.length,
    steps,
    wholeMs: median(deviceMs),
    kernelSumMs: kernels.reduce((sum, { medianMs }) => sum + medianMs, 0),
  };
}
