import { describe, expect, it } from 'vitest';
import type { DatasetInfo, ModelInfo } from '../../../core/contract/host';
import { PUBLISHED } from '../../../core/network/topologies';
import { checkDataset, checkJob, checkSampling } from '../../../main/host/jobCells';

const mnist: DatasetInfo = { id: 'mnist', name: 'MNIST', testImages: 10_000, present: true };
const model: ModelInfo = {
  id: 'mnist-none',
  mode: 'none',
  dataset: 'mnist',
  topology: 'mnist-784-1000-500-10',
  network: PUBLISHED[0]!.topology,
  parameters: 1_293_510,
  binaryParameters: 0,
  fileBytes: 1,
  sha256: '0'.repeat(64),
  bundled: true,
  description: '',
  calibration: null,
  path: 'mnist-none.safetensors',
};
const job = (changes: object) =>
  checkJob({
    deviceIds: ['null:null'],
    models: ['mnist-none'],
    dataset: null,
    precisions: ['fp32'],
    batchSizes: [256],
    samples: null,
    seed: 1,
    sessionName: null,
    ...changes,
  });

describe('a job is refused before a session is opened for it', () => {
  it.each([
    [{ dataset: 'mnost' }, 'unknown-name', /Did you mean mnist/],
    [{ samples: 10_001 }, 'usage', /Choose fewer/],
    [{ dataset: 'mnist', samples: 10_001 }, 'usage', /Choose fewer/],
  ])('%j', (changes, kind, remedy) => {
    expect(() => checkDataset(job(changes), [mnist], [model])).toThrow(
      expect.objectContaining({ kind, remedy: expect.stringMatching(remedy) }),
    );
  });

  it('that would draw the weights of a model that has none to draw', () => {
    const drawn = { sampling: { draws: 2, temperature: 1 } };
    expect(() => checkSampling(job(drawn), [model])).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining('mnist-none') }),
    );
    checkSampling(job(drawn), [{ ...model, mode: 'stochastic' }]);
    checkSampling(job({}), [model]);
  });

  it('takes a folder, and all images that there are', () => {
    checkDataset(job({ dataset: '.' }), [mnist], [model]);
    checkDataset(job({ samples: 10_000 }), [mnist], [model]);
  });
});

it('a job of more runs than a session holds is refused before they are listed', () => {
  const many = Array.from({ length: 10_000 }, () => 'null:null');
  expect(() => job({ deviceIds: many, models: many })).toThrow(/100,000,000 runs.*at most 1,000/);
  expect(job({ deviceIds: many.slice(0, 1000) }).deviceIds).toHaveLength(1000);
});
