import { describe, expect, it } from 'vitest';
import { type GpuComparison, type GpuRow, gpuPage, parseGpuComparison } from '../../peers/gpuTable';

const row = (name: string, isPeer: boolean, queuedMs: number, leastMs: number | null): GpuRow => ({
  ...{ name, isPeer, queuedMs, latencyMs: 2 * queuedMs, endToEndMs: 3 * queuedMs, overlappedMs: null },
  ...{ leastMs, energyMj: 0.5, powerW: 400, correct: 9, total: 10 },
});

const comparison: GpuComparison = {
  kind: 'bench:gpu',
  device: 'a GPU',
  driver: '1.2',
  date: '2026-01-02T03:04:05.000Z',
  command: 'npm run bench:gpu',
  limits: { bitTops: 15000, halfTops: 900, memoryGbPerS: 4000 },
  tables: [
    {
      model: 'cifar10-none',
      batchSize: 256,
      rows: [row('fp16', false, 0.5, 0.35), row('slow', true, 8, null), row('fast', true, 0.75, null)],
    },
  ],
};

describe('the page of bench:gpu', () => {
  it('holds each figure against the limit and against PyTorch', () => {
    const page = gpuPage([comparison]);
    expect(page).toContain('### cifar10-none, batch 256');
    expect(page).toContain(
      '| fp16 | 0.500 | 1.00 | 1.50 | – | 70 % | 16.0 x | 1.5 x | 0.500 | 400 | 9 of 10 |',
    );
    expect(page).toContain('| fast | 0.750 | 1.50 | 2.25 | – | – | – | – | 0.500 | 400 | 9 of 10 |');
    expect(page).toContain('15000 TOPS on single bits, 900 TFLOP/s on halves, 4000 GB/s');
  });

  it('gives no ratio where PyTorch was left out', () => {
    const [table] = comparison.tables;
    const alone = { ...comparison, tables: [{ ...table!, rows: table!.rows.slice(0, 1) }] };
    expect(gpuPage([alone])).toContain('| fp16 | 0.500 | 1.00 | 1.50 | – | 70 % | – | – |');
  });

  it('tells its files from others', () => {
    expect(parseGpuComparison(JSON.stringify(comparison))).toEqual(comparison);
    expect(parseGpuComparison('{"schemaVersion": 1}')).toBe(null);
    expect(() => parseGpuComparison('{"kind": "bench:gpu"}')).toThrow();
  });
});
