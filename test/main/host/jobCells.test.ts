import { describe, expect, it } from 'vitest';
import type { DatasetInfo, ModelInfo } from '../../../core/contract/host';
import { PUBLISHED } from '../../../core/network/topologies';
import { cellsOf, checkDataset, checkJob, checkSampling } from '../../../main/host/jobCells';

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

describe('a job of runs that cannot all be', () => {
  const device = {
    info: {
      ...{ id: 'null:null', name: 'Null device', platform: 'None', type: 'null' as const, driver: 'none' },
      ...{ memoryBytes: 0, computeUnits: 0, precisions: ['fp32', 'a4'], details: {} },
    },
    driver: { id: 'null', provider: 'null' as const, environment: {} },
  };
  const cells = (changes: object, models = [model]) =>
    cellsOf(job(changes), [device], models).map(({ modelId, request }) => `${modelId} ${request.precision}`);

  it('tries each, so that what was asked for by name fails and says why', () => {
    expect(cells({ precisions: ['fp32', 'a4', 'a2'] })).toEqual([
      'mnist-none fp32',
      'mnist-none a4',
      'mnist-none a2',
    ]);
  });

  it('leaves them out where only possible ones are asked for', () => {
    const real: ModelInfo = { ...model, id: 'mnist-real', mode: 'deterministic' };
    const scaled: ModelInfo = {
      ...real,
      id: 'mnist-scaled',
      calibration: { dataset: 'mnist', images: 1, seed: 1, steps: {} },
    };
    const models = [model, real, scaled];
    const changes = { models: models.map(({ id }) => id), precisions: ['fp32', 'a4', 'a2'] };
    expect(cells({ ...changes, onlyPossible: true }, models)).toEqual([
      'mnist-none fp32',
      'mnist-real fp32',
      'mnist-scaled fp32',
      'mnist-scaled a4',
    ]);
  });

  it('is refused where none of them is possible', () => {
    expect(() => cells({ precisions: ['a4'], onlyPossible: true })).toThrow(/None of the models can run/);
  });
});
