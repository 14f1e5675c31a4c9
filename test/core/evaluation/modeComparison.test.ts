import { describe, expect, it } from 'vitest';
import { accuracyCost, modeGroups } from '../../../core/evaluation/modeComparison';
import { exampleRun } from '../report/exampleRun';

const run = (id: string, mode: 'none' | 'deterministic' | 'stochastic') =>
  exampleRun({ id, model: { id: `m-${mode}`, mode } });

describe('groups of modes', () => {
  it('hold the last run of each model, in the order of the modes', () => {
    const runs = [run('a', 'stochastic'), run('b', 'none'), run('c', 'none'), run('d', 'deterministic')];
    const [group, ...others] = modeGroups(runs);
    expect(group?.runs.map(({ id }) => id)).toEqual(['c', 'd', 'a']);
    expect(others).toEqual([]);
  });

  it('leave out what has nothing to be compared with', () => {
    expect(modeGroups([run('a', 'none'), { ...run('b', 'deterministic'), precision: 'a4' }])).toEqual([]);
  });
});

describe('the cost in accuracy', () => {
  const answers = (predictions: number[], imageIndices: number[] | null = null) => {
    return { predictions, labels: [0, 1, 2, 3], imageIndices };
  };

  it('is the difference of the shares, by the pairs in which only one is right', () => {
    const cost = accuracyCost(answers([0, 1, 2, 0]), answers([0, 1, 0, 0]));
    expect(cost).toMatchObject({ difference: -0.25, onlyFirstRight: 1, onlySecondRight: 0 });
    expect(cost?.disagreements).toEqual([2]);
    expect(cost?.interval.low).toBeLessThan(-0.25);
  });

  it('is not told of other images', () => {
    expect(accuracyCost(answers([0, 1, 2, 3]), answers([0, 1, 2, 3], [4, 5, 6, 7]))).toBeNull();
  });
});
