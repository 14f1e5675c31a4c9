/** This engine's side: every OpenCL CPU device that this process sees. */
import { WorkbenchError } from '../../core/errors';
import { predictedClasses } from '../../core/evaluation/accuracy';
import type { Model, RealTensor } from '../../core/network/model';
import type { Precision } from '../../core/network/precision';
import type { Device, PreparedNetwork } from '../../main/devices/device';
import { openClProvider } from '../../main/devices/opencl/provider';
import type { Batches, Contestant } from './contestant';

/** Larger than any step of a calibration times its top. */
const LARGE = 1e4;

export async function openCpuDevices(): Promise<Device[]> {
  const found = (await openClProvider.list()).filter(({ type }) => type === 'cpu');
  return Promise.all(found.map(({ id }) => openClProvider.open(id)));
}

/** The model at each precision, and at a4 once more in its worst case, for its speed depends on the data. */
export async function engineContestants(
  device: Device,
  model: Model,
  batches: Batches,
): Promise<Contestant[]> {
  const precisions: Precision[] = model.mode === 'none' ? ['fp32'] : ['a4', 'a8', 'a3', 'a2', 'fp32'];
  const contestants: Contestant[] = [];
  for (const precision of precisions) contestants.push(await contestant(device, model, precision, batches));
  if (model.mode !== 'none') contestants.push(await contestant(device, allAtTheTop(model), 'a4', batches));
  return contestants;
}

/** A network of the same shape whose hidden activations are all the largest that there are, whatever the image. */
export function allAtTheTop(model: Model): Model {
  const tensors = new Map(model.tensors);
  for (const layer of model.topology.layers) {
    if (layer.kind !== 'batchNorm') continue;
    const constant = (value: number): RealTensor => ({
      kind: 'real',
      shape: [layer.channels],
      data: new Float32Array(layer.channels).fill(value),
    });
    tensors.set(`${layer.name}.weight`, constant(0));
    tensors.set(`${layer.name}.bias`, constant(LARGE));
  }
  return { ...model, id: `${model.id}, all activations at the top`, tensors };
}

async function contestant(
  device: Device,
  model: Model,
  precision: Precision,
  { batchSize, count, bytes }: Batches,
): Promise<Contestant> {
  const network = await device.prepare(model, precision, batchSize);
  const batchBytes = bytes.length / count;
  const some = (first: number, length: number) =>
    bytes.subarray(first * batchBytes, (first + length) * batchBytes);
  const firstRun = await network.run(some(0, 1), 1);
  const { id, name, platform, type, driver } = device.info;
  return {
    device: { id, name, platform, type, driver },
    modelId: model.id,
    precision,
    variant: network.kernels.variant,
    buildMs: network.buildMs,
    loadMs: network.loadMs,
    firstRunMs: firstRun.endToEndMs[0]!,
    async run(first, length, warmMs) {
      const started = performance.now();
      while (performance.now() - started < warmMs) await network.run(some(first, 1), 1);
      const { logits, endToEndMs } = await network.run(some(first, length), length);
      return { ms: [...endToEndMs], predictions: classesOf(logits, model, network, name) };
    },
    dispose: () => network.dispose(),
  };
}

function classesOf(
  logits: Float32Array,
  model: Model,
  network: PreparedNetwork,
  deviceName: string,
): number[] {
  const predictions = predictedClasses(logits, model.topology.classes);
  if (predictions) return Array.from(predictions);
  throw new WorkbenchError('wrong-answer', `${network.kernels.variant} gave logits that are no numbers`, {
    where: deviceName,
  });
}
