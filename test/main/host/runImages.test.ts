import { expect, it } from 'vitest';
import { MOST_TIMES } from '../../../core/session/schema';
import { chooseRunImages } from '../../../main/host/runImages';
import { fakeModel, fakeTestSet } from './fakeNetwork';

it('refuses more batches than a session holds before any is run, and takes larger ones', async () => {
  const large = { ...fakeTestSet, labels: new Uint8Array(MOST_TIMES + 1) };
  const choose = (batchSize: number) =>
    chooseRunImages(
      {
        ...{ deviceId: 'null:null', model: fakeModel.id, dataset: 'large', precision: 'fp32' },
        ...{ batchSize, samples: null, seed: 1 },
      },
      fakeModel,
      async () => large,
      () => undefined,
    );
  await expect(choose(1)).rejects.toMatchObject({
    kind: 'usage',
    remedy: expect.stringContaining('larger batches'),
  });
  expect((await choose(2)).count).toBe(MOST_TIMES + 1);
});
