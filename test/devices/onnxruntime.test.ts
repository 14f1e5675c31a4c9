import { describe, expect, it } from 'vitest';
import { lower } from '../../core/network/lowering';
import { runPlan } from '../../core/network/reference';
import { onnxRuntimeProvider } from '../../main/devices/onnxruntime/provider';
import { randomImages, randomModel, relativeDifference } from '../core/network/randomModel';
import { testRandom } from '../random';

const random = testRandom('onnxruntime');
const input = { channels: 3, height: 10, width: 9 };
const model = randomModel(random, input, [
  { kind: 'convolution', outputs: 6, kernel: 3, padding: 1, binary: true },
  { kind: 'maxPool', size: 2 },
  { kind: 'batchNorm' },
  { kind: 'relu' },
  { kind: 'flatten' },
  { kind: 'linear', outputs: 5 },
]);

describe('the ONNX Runtime device', () => {
  it('tells what it is', async () => {
    const [info, ...others] = await onnxRuntimeProvider.list();
    expect(others).toEqual([]);
    expect(info).toMatchObject({
      id: 'onnxruntime:cpu',
      platform: 'ONNX Runtime',
      type: 'cpu',
      precisions: ['fp32'],
    });
    expect(info!.driver).toMatch(/^ONNX Runtime \d+\.\d+\.\d+/);
    expect(info!.computeUnits).toBeGreaterThan(0);
  });

  it('runs several batches, each with the logits of the reference and a time', async () => {
    const device = await onnxRuntimeProvider.open('onnxruntime:cpu');
    const prepared = await device.prepare(model, 'fp32', 4);
    const images = randomImages(random, input, 12);
    const { logits, deviceMs, endToEndMs } = await prepared.run(images, 3);
    prepared.dispose();
    device.close();

    expect(relativeDifference(logits, runPlan(lower(model), images, 12))).toBeLessThan(1e-4);
    expect(deviceMs).toBeNull();
    expect(endToEndMs).toHaveLength(3);
    expect(endToEndMs.every((elapsedMs) => elapsedMs > 0)).toBe(true);
  });

  it('gives the same answers in the same run, whatever the batch size', async () => {
    const device = await onnxRuntimeProvider.open('onnxruntime:cpu');
    const images = randomImages(random, input, 6);
    const answers: Float32Array[] = [];
    for (const batchSize of [1, 2, 6]) {
      const prepared = await device.prepare(model, 'fp32', batchSize);
      answers.push((await prepared.run(images, 6 / batchSize)).logits);
      prepared.dispose();
    }
    device.close();
    expect(relativeDifference(answers[0]!, answers[1]!)).toBeLessThan(1e-4);
    expect(relativeDifference(answers[0]!, answers[2]!)).toBeLessThan(1e-4);
  });

  it('refuses what it cannot do', async () => {
    await expect(onnxRuntimeProvider.open('onnxruntime:gpu')).rejects.toMatchObject({ kind: 'unknown-name' });
    const device = await onnxRuntimeProvider.open('onnxruntime:cpu');
    await expect(device.prepare(model, 'a4', 4)).rejects.toMatchObject({ kind: 'unsupported' });
    device.close();
  });

  it('holds nothing after a network was disposed of', async () => {
    const device = await onnxRuntimeProvider.open('onnxruntime:cpu');
    const prepared = await device.prepare(model, 'fp32', 1);
    prepared.dispose();
    await expect(prepared.run(randomImages(random, input, 1), 1)).rejects.toMatchObject({
      kind: 'device-failed',
    });
    device.close();
  });
});
