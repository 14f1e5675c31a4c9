// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { HostEvent } from '../../core/contract/host';
import { useJob } from '../../renderer/stores/job';
import { exampleRun } from '../core/report/exampleRun';
import { withStores } from './page';

type Progress = Extract<HostEvent, { kind: 'run-progress' }>;

const started: HostEvent = { kind: 'job-started', jobId: 'job-1', sessionId: 's1', totalRuns: 2 };
const progress: Progress = {
  kind: 'run-progress',
  jobId: 'job-1',
  runIndex: 0,
  totalRuns: 2,
  deviceName: 'GPU',
  modelId: 'model',
  precision: 'fp32',
  batchSize: 2,
  phase: 'running',
  doneImages: 2,
  totalImages: 4,
  correctImages: 1,
  secondsLeft: 12,
};
const finished: HostEvent = {
  kind: 'run-finished',
  jobId: 'job-1',
  sessionId: 's1',
  runIndex: 0,
  run: exampleRun({ id: 'r1' }),
};
const failed: HostEvent = {
  kind: 'run-failed',
  jobId: 'job-1',
  sessionId: 's1',
  runIndex: 1,
  failure: {
    deviceName: 'GPU',
    modelId: 'model',
    precision: 'fp32',
    batchSize: 2,
    at: '2026-01-02T03:04:05.000Z',
    error: { kind: 'device-lost', message: 'It crashed.', where: null, remedy: null, details: null },
    finishedImages: 2,
  },
};
const ended: HostEvent = {
  kind: 'job-finished',
  jobId: 'job-1',
  sessionId: 's1',
  outcome: 'done',
  error: null,
};

describe('the job', () => {
  it('follows its runs from start to end', () => {
    const job = withStores(useJob).result;
    job.hear(started);
    expect([job.running, job.share]).toEqual([true, 0]);
    job.hear(progress);
    expect(job.share).toBe(0.25);
    expect(job.current).toMatchObject({ modelId: 'model', phase: 'running', correctImages: 1 });
    expect(job.status?.secondsLeft).toBe(12);
    job.hear(finished);
    expect(job.share).toBe(0.5);
    job.hear(failed);
    job.hear(ended);
    expect(job.running).toBe(false);
    expect(job.runs.map(({ state }) => state)).toEqual(['done', 'failed']);
    expect(job.runs[1]?.failure?.error.message).toBe('It crashed.');
  });

  it('is met in the middle by a page that was reloaded', () => {
    const job = withStores(useJob).result;
    job.hear({ ...progress, runIndex: 1 });
    expect(job.running).toBe(true);
    expect(job.runs).toMatchObject([{ index: 1, state: 'running' }]);
    expect(job.status?.totalRuns).toBe(2);
  });

  it('tells quick and invalid runs from full ones', () => {
    const job = withStores(useJob).result;
    const run = exampleRun({ id: 'r2', valid: false });
    job.hear(started);
    job.hear({ ...finished, run });
    job.hear({
      ...finished,
      runIndex: 1,
      run: { ...run, verdict: { valid: true, quick: true, reasons: [] } },
    });
    expect(job.runs.map(({ state }) => state)).toEqual(['invalid', 'quick']);
  });

  it('calls what a cancelled job left behind cancelled, not failed', () => {
    const job = withStores(useJob).result;
    job.hear(started);
    job.hear(progress);
    job.hear({ ...ended, outcome: 'cancelled' });
    expect(job.runs.map(({ state }) => state)).toEqual(['cancelled']);
  });

  it('forgets the runs of the job before', () => {
    const job = withStores(useJob).result;
    job.hear(started);
    job.hear(finished);
    job.hear({ ...started, jobId: 'job-2' });
    expect(job.runs).toEqual([]);
  });
});
