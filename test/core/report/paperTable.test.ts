import { describe, expect, it } from 'vitest';
import { PAPER_COLUMNS, paperRows } from '../../../core/report/paperTable';
import type { Run } from '../../../core/session/schema';
import { exampleRun } from './exampleRun';

const energy = (averageW: number, scope: 'board' | 'package'): Run['energy'] => ({
  ...{
    kind: 'measured',
    joules: averageW,
    averageW,
    uncertaintyJ: 0.1,
    source: 's',
    origin: 'sensor',
    scope,
  },
  ...{ duty: 1, windowMs: 1000, readings: 10, idleBeforeW: null, idleAfterW: null },
  ...{ joulesPerImage: 1, imagesPerJoule: 1 },
});
const times = (ms: number) => Array.from({ length: 40 }, (_, i) => ms * (1 + 0.001 * (i % 7)));
function runOn(deviceId: string, ms: number, power: Run['energy']): Run {
  const base = exampleRun({ id: deviceId });
  const samples = times(ms);
  return {
    ...base,
    device: { ...base.device, id: deviceId, name: deviceId },
    precision: 'fp32',
    timing: { ...base.timing, endToEndMsPerBatch: { median: ms, p90: ms, samples } },
    energy: power,
  };
}
const column = (name: (typeof PAPER_COLUMNS)[number]) => PAPER_COLUMNS.indexOf(name);

describe("the paper's table", () => {
  it('sets time and power of each device against the baseline at fp32', () => {
    const rows = paperRows(
      [runOn('gpu', 100, energy(160, 'board')), runOn('fpga', 10, energy(10, 'board'))],
      'gpu',
    );
    expect(rows[0]?.[column('time, against baseline')]).toBe('–');
    expect(rows[1]?.[column('time, against baseline')]).toMatch(/^10\.0 x faster \(.*, not in turns$/);
    expect(rows[1]?.[column('power, against baseline')]).toBe('16.0 x less');
  });

  it('compares no package with a board, and nothing that was not measured', () => {
    const fpga = runOn('fpga', 10, energy(10, 'package'));
    const [, other] = paperRows([runOn('gpu', 100, energy(160, 'board')), fpga], 'gpu');
    expect(other?.[column('power, against baseline')]).toBe('not alike: package against board');
    const [, silent] = paperRows([runOn('gpu', 100, null), fpga], 'gpu');
    expect(silent?.[column('power, against baseline')]).toBe('–');
    const [alone] = paperRows([fpga], 'gpu');
    expect(alone?.[column('time, against baseline')]).toBe('–');
  });

  it('gives no ratio to an emulated run', () => {
    const played = runOn('emulator', 10, energy(10, 'board'));
    played.device = { ...played.device, type: 'fpga-emulator' };
    const [, row] = paperRows([runOn('gpu', 100, energy(160, 'board')), played], 'gpu');
    expect(row?.[column('time, against baseline')]).toBe('emulated: no ratio');
    expect(row?.[column('power, against baseline')]).toBe('emulated: no ratio');
  });
});
