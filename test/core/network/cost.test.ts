import { describe, expect, it } from 'vitest';
import { networkCost } from '../../../core/network/cost';
import { testRandom } from '../../random';
import { randomModel } from './randomModel';

const random = testRandom('cost');

describe('the cost of a network', () => {
  it('counts the MNIST network of the paper', () => {
    const { topology } = randomModel(random, { channels: 1, height: 28, width: 28 }, [
      { kind: 'flatten' },
      { kind: 'linear', outputs: 1000, binary: true },
      { kind: 'batchNorm' },
      { kind: 'relu' },
      { kind: 'linear', outputs: 500, binary: true },
      { kind: 'batchNorm' },
      { kind: 'relu' },
      { kind: 'linear', outputs: 10 },
    ]);
    expect(networkCost(topology)).toEqual({
      multiplyAdds: 784 * 1000 + 1000 * 500 + 500 * 10,
      parameters: 1_293_510,
      binaryParameters: 784 * 1000 + 1000 * 500,
    });
  });

  it('counts a convolution once for each position', () => {
    const { topology } = randomModel(random, { channels: 3, height: 8, width: 8 }, [
      { kind: 'convolution', outputs: 2, kernel: 3, stride: 2 },
      { kind: 'flatten' },
      { kind: 'linear', outputs: 10 },
    ]);
    expect(networkCost(topology)).toEqual({
      multiplyAdds: 3 * 2 * 9 * (3 * 3) + 18 * 10,
      parameters: 3 * 2 * 9 + 2 + 180 + 10,
      binaryParameters: 0,
    });
  });
});
