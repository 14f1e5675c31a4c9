import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPercentInterval,
  formatSpeed,
  formatWithInterval,
} from '../../../core/report/format';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [0.60249, '0.602'],
    [0.6, '0.600'],
    [12.345, '12.3'],
    [9.996, '10.0'],
    [99.96, '100'],
    [123.4, '123'],
    [1234, '1,230'],
    [-0.5, '−0.500'],
    [Number.NaN, '–'],
  ])('writes %d with three significant digits', (value, written) => {
    expect(formatNumber(value)).toBe(written);
  });

  it('writes counts exactly', () => {
    expect(formatCount(14033546)).toBe('14,033,546');
  });

  it('puts the wider side of the interval beside the value, with as many decimals', () => {
    expect(formatWithInterval(0.602, { low: 0.595, high: 0.613 })).toBe('0.602 ± 0.011');
    expect(formatWithInterval(12.34, { low: 12.33, high: 12.35 })).toBe('12.3 ± <0.1');
    expect(formatWithInterval(12.34, { low: 12.34, high: 12.34 })).toBe('12.3 ± 0.0');
    expect(formatWithInterval(12.34, null)).toBe('12.3');
    expect(formatWithInterval(0.029, { low: 0.0274, high: 0.0511 })).toBe('0.0290 (0.0274 to 0.0511)');
    expect(formatWithInterval(0.029, { low: 0.0289, high: 0.0294 })).toBe('0.0290 ± 0.0004');
    expect(formatWithInterval(0.002, { low: 0.001, high: 0.009 })).toBe('0.00200 (0.00100 to 0.00900)');
  });

  it('keeps one image of 10,000 visible in a percentage', () => {
    expect(formatPercent(9909 / 10000)).toBe('99.09');
    expect(formatPercentInterval({ low: 0.98884, high: 0.99259 })).toBe('98.88–99.26');
  });

  it('compares times in words', () => {
    expect(formatSpeed(0.6, 11.9)).toBe('19.8 x faster');
    expect(formatSpeed(2, 1)).toBe('2.00 x slower');
    expect(formatSpeed(1.0001, 1)).toBe('as fast');
    expect(formatSpeed(0, 1)).toBe('–');
  });

  it('writes sizes and lengths of time', () => {
    expect(formatBytes(820)).toBe('820 B');
    expect(formatBytes(1.29 * 2 ** 20)).toBe('1.29 MiB');
    expect(formatDuration(4.4)).toBe('4 s');
    expect(formatDuration(125)).toBe('2 min 5 s');
    expect(formatDuration(4320)).toBe('1 h 12 min');
  });
});
