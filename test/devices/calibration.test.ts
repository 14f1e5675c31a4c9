import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lower } from '../../core/network/lowering';
import type { SessionDocument } from '../../core/session/schema';
import { loadModel, saveModel } from '../../main/models';
import { idxFile } from '../main/datasets/formats';
import { type FakeHost, fakeHost } from '../main/host/fakeHost';
import { bundle, programFolder, temporaryFolder } from '../main/host/programs';
import { testDevice } from '../openclDevice';
import { testRandom } from '../random';

const random = testRandom('calibration');
const TRAINING_IMAGES = 40;

/** A folder in MNIST's official format, with training and test images of noise. */
function writeDataset(folder: string): string {
  mkdirSync(folder);
  for (const prefix of ['train', 't10k']) {
    const pixels = Uint8Array.from({ length: TRAINING_IMAGES * 784 }, () => random.below(256));
    const labels = Uint8Array.from({ length: TRAINING_IMAGES }, () => random.below(10));
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), idxFile([TRAINING_IMAGES, 28, 28], pixels));
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), idxFile([TRAINING_IMAGES], labels));
  }
  return folder;
}

// What `bnnw calibrate` asks of the host, with a device process and a device.
describe('calibrating a model that has no scales', () => {
  const { folder, remove } = temporaryFolder();
  const programs = programFolder();
  const dataset = writeDataset(join(folder, 'noise'));
  const model = join(folder, 'model.safetensors');
  let made: FakeHost;
  let deviceId: string;

  beforeAll(async () => {
    await saveModel({ ...(await loadModel('mnist-deterministic')), calibration: null }, model);
    const script = bundle(join(__dirname, '../../main/host/deviceProcess.ts'), programs.folder);
    const driver = { id: 'opencl', provider: 'opencl' as const, environment: { BNNW_HOME: folder } };
    made = fakeHost(script, join(folder, 'sessions'), {
      drivers: () => [driver],
      listModels: async () => [],
    });
    const { devices } = await made.host.listDevices();
    deviceId = devices.find(({ platform }) => platform === testDevice().platform.info.name)!.id;
  });

  afterAll(async () => {
    await made.host.close();
    await vi.waitFor(() => expect(made.running.size).toBe(0), { timeout: 10_000 });
    programs.remove();
    remove();
  });

  async function run(name: string): Promise<SessionDocument> {
    const job = {
      deviceIds: [deviceId],
      models: [name],
      dataset,
      precisions: ['a4' as const],
      batchSizes: [8],
    };
    const { sessionId } = await made.runJob(job);
    return made.host.openSession(sessionId);
  }

  function calibrate(output: string, images: number, seed = 5) {
    return made.host.calibrate({ deviceId, model, output, dataset, images, seed }, () => {});
  }

  it('says before how a model gets scales, and runs at a4 after', async () => {
    const before = await run(model);
    expect(before.runs).toEqual([]);
    expect(JSON.stringify(before.failures)).toContain('bnnw calibrate');

    const output = join(folder, 'calibrated.safetensors');
    const result = await calibrate(output, 16);
    expect(result.images).toBe(16);
    const { calibration, tensors } = await loadModel(output);
    expect(calibration).toMatchObject({ images: 16, seed: 5 });
    const activations = lower(await loadModel(output)).steps.length - 1;
    for (const precision of ['a8', 'a4', 'a3', 'a2']) {
      const steps = calibration!.steps[precision]!;
      expect(steps.length, precision).toBe(activations);
      for (const step of steps) expect(step).toBeGreaterThan(0);
    }
    expect([...tensors.keys()]).toEqual([...(await loadModel(model)).tensors.keys()]);

    const after = await run(output);
    expect(after.failures).toEqual([]);
    expect(after.runs[0]?.accuracy.total).toBe(TRAINING_IMAGES);
  });

  it('draws the images by the seed: the same one gives the same scales', async () => {
    const stepsOf = async (seed: number, name: string) => {
      const output = join(folder, name);
      await calibrate(output, 8, seed);
      return (await loadModel(output)).calibration!.steps;
    };
    const steps = await stepsOf(1, 'one.safetensors');
    expect(await stepsOf(1, 'again.safetensors')).toEqual(steps);
    expect(await stepsOf(2, 'other.safetensors')).not.toEqual(steps);
  });

  it('refuses more images than there are and a model of mode none, and writes nothing', async () => {
    const output = join(folder, 'refused.safetensors');
    await expect(calibrate(output, TRAINING_IMAGES + 1)).rejects.toMatchObject({ kind: 'usage' });
    const none = { deviceId, model: 'mnist-none', output, dataset, images: 8, seed: 1 };
    await expect(made.host.calibrate(none, () => {})).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(loadModel(output)).rejects.toThrow();
  });
});
