/**
 * Drivers, a model and images that are made up here, so that tests can make them fail. The devices compute with the
 * reference; each misbehaves as its name says.
 */
import type { DeviceInfo } from '../../../core/contract/host';
import { WorkbenchError } from '../../../core/errors';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { runPlan } from '../../../core/network/reference';
import type { Device, DeviceProvider } from '../../../main/devices/device';
import type { DeviceSources } from '../../../main/host/deviceServer';
import { FAKE_IMAGES, fakeModel, fakeTestSet } from './fakeNetwork';

const BEHAVIOURS = ['good', 'slow', 'crash', 'hang', 'wrong', 'nan', 'fickle', 'unsupported', 'bug'] as const;
type Behaviour = (typeof BEHAVIOURS)[number];

const infos: DeviceInfo[] = BEHAVIOURS.map((behaviour) => ({
  id: `opencl:fake:${behaviour}`,
  name: `Fake ${behaviour}`,
  platform: 'Fake platform',
  type: 'cpu',
  driver: '1.0',
  memoryBytes: 2 ** 34,
  computeUnits: 2,
  precisions: ['fp32'],
  details: {},
}));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function spinForEver(): never {
  for (;;);
}

function fakeDevice(info: DeviceInfo, behaviour: Behaviour): Device {
  return {
    info,
    clockStepNs: null,
    async prepare(model, _precision, batchSize) {
      if (behaviour === 'unsupported') throw new WorkbenchError('unsupported', 'This device runs nothing.');
      if (behaviour === 'bug') throw new TypeError('a mistake');
      const plan = lower(model);
      const imageBytes = FAKE_IMAGES.channels * FAKE_IMAGES.height * FAKE_IMAGES.width;
      let batchesDone = 0;
      return {
        batchSize,
        buildMs: 1,
        loadMs: 2,
        kernels: { variant: 'fake', sourceSha256: null, buildOptions: '' },
        async run(images, batches) {
          batchesDone += batches;
          // The self-test and the warm-up take four batches.
          if (behaviour === 'crash' && batchesDone > 6) process.kill(process.pid, 'SIGKILL');
          if (behaviour === 'hang' && batchesDone > 6) spinForEver();
          if (behaviour === 'slow' || behaviour === 'crash' || behaviour === 'hang')
            await pause(300 * batches);
          const count = images.length / imageBytes;
          const logits = runPlan(plan, images, count);
          if (behaviour === 'wrong') logits[logits.length - 1]! += 0.01;
          if (behaviour === 'nan' && batchesDone > 4) logits.fill(Number.NaN);
          // The self-test, the warm-up and the test set take eleven batches of 16.
          if (behaviour === 'fickle' && batchesDone > 11) logits.reverse();
          return {
            logits,
            deviceMs: new Float64Array(batches).fill(0.5),
            endToEndMs: new Float64Array(batches).fill(1),
          };
        },
        dispose() {},
      };
    },
    async tune(_model, _precision, _batchSize, again) {
      if (behaviour !== 'good') return null;
      const trials = [
        { name: 'table', medianMs: again ? 64 : 128 },
        { name: 'vector', medianMs: 96 },
        { name: 'broken', medianMs: null },
      ];
      return { batchSize: 32, chosen: again ? 'table' : 'vector', trials };
    },
    close() {},
  };
}

const provider: DeviceProvider = {
  id: 'opencl',
  async list() {
    if (process.env.FAKE_DRIVER === 'crash') process.kill(process.pid, 'SIGSEGV');
    return infos;
  },
  async open(deviceId) {
    const index = infos.findIndex((info) => info.id === deviceId);
    return fakeDevice(infos[index]!, BEHAVIOURS[index]!);
  },
};

export const fakeSources: DeviceSources = {
  loadProvider: async () => provider,
  loadModel: async (): Promise<Model> => fakeModel,
  loadLatent: async () => null,
  loadTestSet: async () => fakeTestSet,
};
