import { describe, expect, it } from 'vitest';
import type { Random } from '../../core/statistics/random';
import { loadTestSet, type TestSet } from '../../main/datasets';
import type { DeviceProvider } from '../../main/devices/device';
import { onnxRuntimeProvider } from '../../main/devices/onnxruntime/provider';
import { openClProvider } from '../../main/devices/opencl/provider';
import { loadModel } from '../../main/models';
import { testDevice } from '../openclDevice';
import { testRandom } from '../random';

/** Correct answers to the 10,000 test images in PyTorch, with which the models were trained. */
const trained = [
  { id: 'mnist-none', dataset: 'mnist', correct: 9927 },
  { id: 'mnist-deterministic', dataset: 'mnist', correct: 9909 },
  { id: 'mnist-stochastic', dataset: 'mnist', correct: 9914 },
  { id: 'cifar10-none', dataset: 'cifar10', correct: 9315 },
  { id: 'cifar10-deterministic', dataset: 'cifar10', correct: 9224 },
  { id: 'cifar10-stochastic', dataset: 'cifar10', correct: 9174 },
] as const;

const available = 10_000;
const count = process.env.BNNW_TEST_FULL === '1' ? available : 1_000;
const batchSize = 250;
const timeoutMs = count === available ? 3_600_000 : 600_000;
const random = testRandom('accuracy');

/**
 * How far the correct answers to `count` images, drawn without replacement, may be from the share that the
 * whole set gives: five standard deviations of the hypergeometric distribution, and never less than 2, for
 * answers that are as good as tied.
 */
function tolerance(correct: number): number {
  const share = correct / available;
  const variance = (count * share * (1 - share) * (available - count)) / (available - 1);
  return Math.max(2, 5 * Math.sqrt(variance));
}

/** `count` images and labels of a test set: all of it in its order, or a draw. */
function draw(testSet: TestSet, from: Random): { images: Uint8Array; labels: number[] } {
  const indices = Array.from({ length: available }, (_, index) => index);
  const drawn = count === available ? indices : from.shuffle(indices).slice(0, count);
  const imageBytes = testSet.images.length / available;
  const images = new Uint8Array(count * imageBytes);
  for (const [place, index] of drawn.entries()) {
    images.set(testSet.images.subarray(index * imageBytes, (index + 1) * imageBytes), place * imageBytes);
  }
  return { images, labels: drawn.map((index) => testSet.labels[index]!) };
}

/** The PoCL of this machine, or the driver that BNNW_TEST_DEVICE names. */
async function openClDeviceId(): Promise<string> {
  const platform = testDevice().platform.info.name;
  const found = (await openClProvider.list()).find((info) => info.platform === platform);
  return found!.id;
}

async function classify(provider: DeviceProvider, deviceId: string, modelId: string, images: Uint8Array) {
  const device = await provider.open(deviceId);
  const prepared = await device.prepare(await loadModel(modelId), 'fp32', batchSize);
  const { logits } = await prepared.run(images, count / batchSize);
  prepared.dispose();
  device.close();
  return Array.from({ length: count }, (_, image) => logits.subarray(image * 10, (image + 1) * 10));
}

const prediction = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

/** How much the winning logit is above the second. */
function margin(logits: Float32Array): number {
  const [first, second] = Array.from(logits).sort((a, b) => b - a);
  return first! - second!;
}

describe.each(trained)(`$id on ${count} test images`, { timeout: timeoutMs }, ({ id, dataset, correct }) => {
  it('is as accurate as in training on OpenCL and on ONNX Runtime, with the same answers', async () => {
    const { images, labels } = draw(await loadTestSet(dataset), random);
    const opencl = await classify(openClProvider, await openClDeviceId(), id, images);
    const onnx = await classify(onnxRuntimeProvider, 'onnxruntime:cpu', id, images);

    for (const answers of [opencl, onnx]) {
      const right = labels.filter((label, image) => prediction(answers[image]!) === label).length;
      expect(Math.abs(right - (correct * count) / available)).toBeLessThanOrEqual(tolerance(correct));
    }
    for (const [image, logits] of opencl.entries()) {
      const other = onnx[image]!;
      expect(Math.max(...logits.map((logit, k) => Math.abs(logit - other[k]!)))).toBeLessThan(1e-3);
      if (margin(other) > 2e-3) expect(prediction(logits)).toBe(prediction(other));
    }
  });
});
