/** A network of one layer and a hundred images for it. */
import type { ModelInfo } from '../../../core/contract/host';
import type { Model } from '../../../core/network/model';
import { Random } from '../../../core/statistics/random';
import type { TestSet } from '../../../main/datasets';

export const FAKE_IMAGES = { count: 100, channels: 1, height: 2, width: 2, classes: 3 };

const random = new Random(1);

export const fakeModel: Model = {
  id: 'fake-model',
  mode: 'none',
  dataset: 'fake-data',
  topology: {
    id: 'fake-4-3',
    input: { channels: 1, height: 2, width: 2 },
    normalization: { mean: [0], deviation: [1] },
    classes: 3,
    layers: [{ kind: 'flatten' }, { kind: 'linear', name: 'fc', inputs: 4, outputs: 3, binary: false }],
  },
  tensors: new Map([
    [
      'fc.weight',
      { kind: 'real', shape: [3, 4], data: Float32Array.from({ length: 12 }, () => random.normal()) },
    ],
    ['fc.bias', { kind: 'real', shape: [3], data: Float32Array.of(0.1, 0.2, 0.3) }],
  ]),
  origin: { description: 'Made up.', sourceFile: 'none', sourceSha256: '0'.repeat(64) },
  calibration: null,
  sha256: 'a'.repeat(64),
};

export const fakeModelInfo: ModelInfo = {
  id: fakeModel.id,
  mode: 'none',
  dataset: 'fake-data',
  topology: 'fake-4-3',
  network: fakeModel.topology,
  parameters: 15,
  binaryParameters: 0,
  fileBytes: 100,
  sha256: fakeModel.sha256,
  bundled: true,
  description: 'Made up.',
  calibration: null,
  path: 'fake-model.safetensors',
};

export const fakeTestSet: TestSet = {
  id: 'fake-data',
  name: 'Fake data',
  classes: 3,
  channels: 1,
  height: 2,
  width: 2,
  images: Uint8Array.from({ length: 400 }, () => random.below(256)),
  labels: Uint8Array.from({ length: 100 }, () => random.below(3)),
  sha256: 'b'.repeat(64),
};
