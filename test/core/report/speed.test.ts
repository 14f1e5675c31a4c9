import { describe, expect, it } from 'vitest';
import { compareSpeed } from '../../../core/report/speed';
import { exampleRun } from './exampleRun';

const baseline = exampleRun({ id: 'baseline', batchMs: [10, 10.1, 9.9, 10, 10.2, 9.8] });

describe('compareSpeed', () => {
  it('says how many times faster or slower', () => {
    const fast = exampleRun({ id: 'fast', batchMs: [0.5, 0.51, 0.49, 0.5, 0.5, 0.5] });
    expect(compareSpeed(fast, baseline, 'endToEnd')?.text).toBe('20.0 x faster');
    expect(compareSpeed(baseline, fast, 'endToEnd')?.text).toBe('20.0 x slower');
  });

  it('claims no difference where the interval holds 1', () => {
    const alike = exampleRun({ id: 'alike', batchMs: [9.7, 10.3, 10, 9.9, 10.1, 10.05] });
    const comparison = compareSpeed(alike, baseline, 'endToEnd');
    expect(comparison?.text).toBe('no clear difference');
    expect(comparison?.interval?.low).toBeLessThan(1);
    expect(comparison?.interval?.high).toBeGreaterThan(1);
  });

  it('says how well no difference is known, and leaves that out where the interval stands beside', () => {
    const steady = exampleRun({ id: 'steady', batchMs: [9, 11.4, 10, 8.8, 11.1, 10.3] });
    const comparison = compareSpeed(steady, baseline, 'endToEnd');
    expect(comparison?.text).toMatch(/^no clear difference, known to ±\d+ %$/);
    expect(comparison?.short).toBe('no clear difference');
  });

  it('gives the bare ratio where there are too few batches for an interval', () => {
    const short = exampleRun({ id: 'short', batchMs: [5, 5] });
    expect(compareSpeed(short, baseline, 'endToEnd')).toMatchObject({
      interval: null,
      text: '2.00 x faster',
    });
  });

  it('compares nothing with other images, or without the time', () => {
    const other = exampleRun({ id: 'other', dataset: { id: 'cifar10' } });
    expect(compareSpeed(other, baseline, 'endToEnd')).toBeNull();
    expect(compareSpeed(exampleRun({ id: 'same' }), baseline, 'device')).toBeNull();
  });

  it('compares no emulated time with a measured one', () => {
    const emulated = exampleRun({ id: 'emulated', device: { type: 'fpga-emulator' } });
    expect(compareSpeed(emulated, baseline, 'endToEnd')).toBeNull();
    expect(compareSpeed(baseline, emulated, 'endToEnd')).toBeNull();
    expect(compareSpeed(emulated, emulated, 'endToEnd')?.text).toMatch(/, both emulated$/);
  });

  it('compares nothing with the null device', () => {
    const nothing = exampleRun({ id: 'null', device: { type: 'null' } });
    expect(compareSpeed(nothing, baseline, 'endToEnd')).toBeNull();
    expect(compareSpeed(baseline, nothing, 'endToEnd')).toBeNull();
  });

  it('keeps the clocks apart when it remembers', () => {
    const run = exampleRun({ id: 'run', batchMs: [5, 5], deviceMs: [1, 1] });
    const reference = exampleRun({ id: 'reference', batchMs: [10, 10], deviceMs: [4, 4] });
    expect(compareSpeed(run, reference, 'endToEnd')?.ratio).toBe(2);
    expect(compareSpeed(run, reference, 'device')?.ratio).toBe(4);
  });
});
