import { describe, expect, it } from 'vitest';
import { realValues } from '../../../core/network/binaryWeights';
import { histogramOf, weightStatistics } from '../../../core/network/weightStatistics';
import { testRandom } from '../../random';
import { randomModel } from './randomModel';

const random = testRandom('weightStatistics');

describe('a histogram', () => {
  it('counts every value once, the largest in the last bin', () => {
    const { low, high, counts } = histogramOf([0, 1, 2, 48, 48]);
    expect([low, high]).toEqual([0, 48]);
    expect(counts.slice(0, 3)).toEqual([1, 1, 1]);
    expect(counts.at(-1)).toBe(2);
    expect(counts.reduce((sum, count) => sum + count)).toBe(5);
  });

  it('holds equal values, or none', () => {
    expect(histogramOf([3, 3]).counts[0]).toBe(2);
    expect(histogramOf([])).toMatchObject({ low: 0, high: 0 });
  });
});

describe('the statistics of a network', () => {
  it('count the weights of every layer', () => {
    for (let trial = 0; trial < 20; trial++) {
      const model = randomModel(random, { channels: 1, height: 6, width: 6 }, [
        { kind: 'convolution', outputs: 3, kernel: 3, binary: random.below(2) === 0 },
        { kind: 'batchNorm' },
        { kind: 'relu' },
        { kind: 'flatten' },
        { kind: 'linear', outputs: 10, binary: random.below(2) === 0 },
      ]);
      for (const { name, weights, thresholds } of weightStatistics(model)) {
        const tensor = model.tensors.get(`${name}.weight`);
        if (!tensor) throw new Error(`no weights ${name}`);
        const values = realValues(tensor);
        expect(weights.count).toBe(values.length);
        if (weights.kind === 'binary') expect(weights.plusOnes).toBe(values.filter((v) => v === 1).length);
        else expect(weights.histogram.counts.reduce((a, b) => a + b)).toBe(values.length);
        const channels = thresholds?.counts.reduce((a, b) => a + b) ?? 0;
        expect(channels).toBeLessThanOrEqual(tensor.shape[0] ?? 0);
      }
    }
  });
});
