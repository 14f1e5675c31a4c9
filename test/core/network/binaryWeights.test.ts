import { describe, expect, it } from 'vitest';
import { bytesPerRow, isBinary, packBinary, unpackBinary } from '../../../core/network/binaryWeights';
import type { RealTensor } from '../../../core/network/model';
import { testRandom } from '../../random';
import { randomSigns } from './randomModel';

const random = testRandom('packing');
const real = (shape: number[], values: number[]): RealTensor => ({
  kind: 'real',
  shape,
  data: Float32Array.from(values),
});

describe('packed weights', () => {
  it('set bit k % 8 of byte floor(k / 8) for +1, each row on a byte of its own', () => {
    const row = [1, -1, -1, -1, -1, -1, -1, 1, -1, 1];
    const packed = packBinary(real([2, 5, 2], [...row, ...row.map((w) => -w)]), 'w');
    expect(bytesPerRow([2, 5, 2])).toBe(2);
    expect([...packed.bits]).toEqual([0b10000001, 0b10, 0b01111110, 0b01]);
  });

  it.each([[[3, 17]], [[8, 8]], [[1, 1]], [[5, 3, 3, 3]], [[4]]])(
    'of shape %j come back as they were',
    (shape) => {
      const packed = randomSigns(random, shape, 'w');
      if (packed.kind !== 'binary') throw new Error('randomSigns packs');
      expect(packBinary(unpackBinary(packed), 'w')).toEqual(packed);
    },
  );

  it('refuse a 0, because sign(0) is 0 and not +1', () => {
    const tensor = real([2, 2], [1, -1, 0, 1]);
    expect(isBinary(tensor)).toBe(false);
    expect(() => packBinary(tensor, 'fc1.weight')).toThrow(
      expect.objectContaining({
        kind: 'refused-file',
        where: 'fc1.weight',
        message: expect.stringMatching(/fc1\.weight holds a 0 \(element 2\)/),
      }),
    );
  });

  it.each([0.5, Number.NaN, -0, 2])('refuse %d', (value) => {
    expect(() => packBinary(real([1, 2], [1, value]), 'w')).toThrow(
      expect.objectContaining({ kind: 'refused-file' }),
    );
  });
});
