// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { jobSchema } from '../../core/contract/job';
import { useCatalog } from '../../renderer/stores/catalog';
import { parseBatchSizes, useChoice } from '../../renderer/stores/choice';
import { useMeasuring } from '../../renderer/stores/measuring';
import { models, pocl } from './fakeHost';
import { withStores } from './page';

async function firstChoice() {
  const { catalog, choice } = withStores(() => ({ catalog: useCatalog(), choice: useChoice() })).result;
  await catalog.load();
  choice.chooseFirst();
  return choice;
}

describe('the choice', () => {
  it('starts with all bundled models on the best device, and is a job that the host takes', async () => {
    const choice = await firstChoice();
    expect(choice.job).toMatchObject({
      deviceIds: [pocl.id],
      models: models.map(({ id }) => id),
      samples: 1000,
    });
    expect(jobSchema.safeParse(choice.job).success).toBe(true);
    expect(choice.runCount).toBe(3);
  });

  it('multiplies devices, models, precisions and batch sizes', async () => {
    const choice = await firstChoice();
    choice.precisions = ['fp32', 'a4'];
    choice.batchSizesText = '1, 16, 256';
    expect(choice.runCount).toBe(18);
  });

  it('takes turns where times are compared, unless told otherwise', async () => {
    const choice = await firstChoice();
    expect(choice.job?.interleave).toBe(false);
    choice.scenario = 'throughput';
    expect(choice.job?.interleave).toBe(true);
    choice.interleave = false;
    expect(choice.job?.interleave).toBe(false);
  });

  it.each([
    ['no device', (choice: Choice) => (choice.deviceIds = [])],
    ['no model', (choice: Choice) => (choice.modelIds = [])],
    ['no precision', (choice: Choice) => (choice.precisions = [])],
    ['a bad batch size', (choice: Choice) => (choice.batchSizesText = '0')],
    ['half an image', (choice: Choice) => (choice.samples = 0.5)],
    ['a negative seed', (choice: Choice) => (choice.seed = -1)],
  ])('is no job with %s, and says why', async (_, spoil) => {
    const choice = await firstChoice();
    spoil(choice);
    expect(choice.job).toBeNull();
    expect(choice.obstacle).not.toBeNull();
  });
});

type Choice = Awaited<ReturnType<typeof firstChoice>>;

describe('batch sizes', () => {
  it('are numbers with commas or spaces between, each once', () => {
    expect(parseBatchSizes('1, 16 256,16')).toEqual([1, 16, 256]);
  });

  it.each(['', ' , ', '0', '1.5', 'many', '65537', '-4', '1e9'])('are not “%s”', (text) => {
    expect(parseBatchSizes(text)).toBeNull();
  });
});

describe('drawn weights and given power', () => {
  it('are in the job where only stochastic models are chosen, in words where they cannot be', async () => {
    const { catalog, choice, measuring } = withStores(() => ({
      ...{ catalog: useCatalog(), choice: useChoice(), measuring: useMeasuring() },
    })).result;
    await catalog.load();
    choice.chooseFirst();
    measuring.draws = 8;
    expect(choice.job).not.toHaveProperty('sampling');
    choice.modelIds = ['mnist-stochastic'];
    measuring.powerKind = 'typed-in';
    expect(choice.obstacle).toMatch(/watts/);
    measuring.watts = 65;
    expect(choice.job).toMatchObject({
      sampling: { draws: 8, temperature: 0.25 },
      power: { kind: 'typed-in', watts: 65, scope: 'wall' },
    });
    expect(jobSchema.safeParse(choice.job).success).toBe(true);
    choice.modelIds = ['mnist-none'];
    expect(choice.job).not.toHaveProperty('sampling');
    choice.seed = -3;
    expect(choice.obstacle).toMatch(/seed/);
  });
});
