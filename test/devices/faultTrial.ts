/** A small network and a few images for it, to be run whole on a driver that fails. */
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { runPlan } from '../../core/network/reference';
import { Random } from '../../core/statistics/random';
import type { TestSet } from '../../main/datasets';
import type { DeviceProvider } from '../../main/devices/device';
import type { RunRequest } from '../../main/host/protocol';
import { randomImages, randomModel } from '../core/network/randomModel';

/** Its right answers are two classes, and none the first one, which is what equal logits of a liar give. */
const random = new Random(23);
const input = { channels: 1, height: 4, width: 4 };
const COUNT = 12;

const drawn = randomModel(random, input, [
  { kind: 'convolution', outputs: 4, kernel: 3, padding: 1, binary: true },
  { kind: 'maxPool', size: 2 },
  { kind: 'batchNorm' },
  { kind: 'relu' },
  { kind: 'flatten' },
  { kind: 'linear', outputs: 3 },
]);
export const trialModel: Model = { ...drawn, id: 'trial', dataset: 'trial-images' };

export const trialTestSet: TestSet = {
  id: 'trial-images',
  name: 'Images of a trial',
  classes: 3,
  ...input,
  images: randomImages(random, input, COUNT),
  labels: Uint8Array.from({ length: COUNT }, () => random.below(3)),
  sha256: 'c'.repeat(64),
};

export const rightPredictions = Array.from(
  predictedClasses(runPlan(lower(trialModel), trialTestSet.images, COUNT), trialTestSet.classes)!,
);

export function trialRequest(deviceId: string): RunRequest {
  return {
    deviceId,
    model: trialModel.id,
    dataset: null,
    precision: 'fp32',
    batchSize: 4,
    samples: null,
    seed: 1,
  };
}

/**
 * What profiling costs is not asked for: its batches would multiply the calls and tell nothing new, and there are
 * fewer of them on a busy machine, so that the Nth call would be another one each time.
 */
export function withoutOverheads(provider: DeviceProvider): DeviceProvider {
  return {
    ...provider,
    open: async (deviceId) => {
      const device = await provider.open(deviceId);
      return {
        info: device.info,
        clockStepNs: device.clockStepNs,
        close: () => device.close(),
        prepare: async (...request) => {
          const network = await device.prepare(...request);
          const { batchSize, buildMs, loadMs, kernels } = network;
          return {
            ...{ batchSize, buildMs, loadMs, kernels },
            run: (images, batches) => network.run(images, batches),
            dispose: () => network.dispose(),
          };
        },
      };
    },
  };
}
