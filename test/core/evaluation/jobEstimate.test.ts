import { describe, expect, it } from 'vitest';
import { estimateRun, type PlannedRun } from '../../../core/evaluation/jobEstimate';
import type { RunFacts } from '../../../core/session/document';

/** 10 s, of which 1,000 images took 5 s. */
const past: RunFacts = {
  device: { id: 'opencl:p:d', name: 'Device', platform: 'Platform', type: 'cpu', driver: '1' },
  model: { id: 'small', topology: 'chain' },
  dataset: { id: 'data', samples: 1000 },
  precision: 'fp32',
  batchSize: 100,
  startedAt: '2026-01-02T03:04:00.000Z',
  finishedAt: '2026-01-02T03:04:10.000Z',
  timing: { endToEndMsPerBatch: { median: 500 } },
};
const planned: PlannedRun = {
  ...{ deviceId: past.device.id, modelId: 'small', precision: 'fp32', batchSize: 100 },
  ...{ scenario: 'accuracy', images: 2000, multiplyAdds: 7 },
};
const workOf = (id: string) => (id === 'small' ? 7 : null);

describe('the time of a run is estimated', () => {
  it('by the same run before: its set-up, and its time an image', () => {
    expect(estimateRun(planned, [past], workOf)).toEqual({ seconds: 15, basis: 'measured' });
  });

  it('by another network on the same device, in proportion to its multiply-adds', () => {
    const larger = { ...planned, modelId: 'large', multiplyAdds: 14 };
    expect(estimateRun(larger, [past], workOf)).toEqual({ seconds: 25, basis: 'scaled' });
  });

  it('by the whole of an earlier run where a scenario repeats until it is stable', () => {
    const scenario = 'throughput' as const;
    expect(estimateRun({ ...planned, scenario }, [{ ...past, scenario }], workOf)?.seconds).toBe(10);
  });

  it.each([
    ['another device', { deviceId: 'other' }],
    ['another precision', { precision: 'a4' }],
    ['another scenario', { scenario: 'latency' }],
  ] as const)('by nothing where only %s was measured', (_, change) => {
    expect(estimateRun({ ...planned, ...change }, [past], workOf)).toBeNull();
  });
});
