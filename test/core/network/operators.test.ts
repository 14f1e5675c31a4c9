import { describe, expect, it } from 'vitest';
import * as operators from '../../../core/network/operators';

const floats = (...values: number[]) => Float32Array.from(values);

describe('reference operators, by examples worked out by hand', () => {
  it('normalize interleaved bytes into planes', () => {
    const shape = { channels: 2, height: 1, width: 2 };
    const normalization = { mean: [0.5, 0], deviation: [0.5, 0.25] };
    expect([...operators.normalize(Uint8Array.of(0, 255, 255, 0), shape, normalization)]).toEqual([
      -1, 1, 4, 0,
    ]);
  });

  it('multiply by a matrix', () => {
    expect([...operators.linear(floats(1, 2), floats(1, 1, 3, -1), 2)]).toEqual([3, 1]);
  });

  it('convolve with zero padding', () => {
    const geometry = {
      input: { channels: 1, height: 2, width: 3 },
      convolved: { channels: 1, height: 2, width: 3 },
      kernelHeight: 3,
      kernelWidth: 3,
      stride: 1,
      padding: 1,
    };
    const output = operators.convolution(floats(1, 2, 3, 4, 5, 6), new Float32Array(9).fill(1), geometry);
    expect([...output]).toEqual([12, 21, 16, 12, 21, 16]);
  });

  it('convolve with a stride, over channels', () => {
    const geometry = {
      input: { channels: 2, height: 1, width: 5 },
      convolved: { channels: 1, height: 1, width: 3 },
      kernelHeight: 1,
      kernelWidth: 1,
      stride: 2,
      padding: 0,
    };
    const output = operators.convolution(floats(1, 2, 3, 4, 5, 10, 20, 30, 40, 50), floats(1, -1), geometry);
    expect([...output]).toEqual([-9, -27, -45]);
  });

  it('pool, leaving out what does not fill a window', () => {
    const input = { channels: 1, height: 3, width: 5 };
    const output = { channels: 1, height: 1, width: 2 };
    const values = floats(1, 5, 2, 0, 9, 3, 4, -1, -2, 9, 9, 9, 9, 9, 9);
    expect([...operators.maxPool(values, input, output, 2, 2)]).toEqual([5, 2]);
  });

  it('add a bias, scale, normalize and rectify channel by channel', () => {
    const x = floats(1, 2, -3, 4);
    expect([...operators.addBias(x, floats(1, -1))]).toEqual([2, 3, -4, 3]);
    expect([...operators.affine(x, floats(2, -1), floats(0, 1))]).toEqual([2, 4, 4, -3]);
    const norm = {
      weight: floats(2, 1),
      bias: floats(0, 1),
      mean: floats(1, 0),
      variance: floats(3, 0),
      epsilon: 1,
    };
    expect([...operators.batchNorm(x, norm)]).toEqual([0, 1, -2, 5]);
    expect([...operators.relu(x)]).toEqual([1, 2, 0, 4]);
  });
});
