/** A small session for tests: one full run, one short run, one failure. */
import { formatSession } from '../../../core/session/document';
import type { Run, SessionDocument } from '../../../core/session/schema';

const run: Run = {
  id: 'run-1',
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: '2026-01-02T03:04:06.000Z',
  device: { id: 'opencl:p:d', name: 'Device', platform: 'Platform', type: 'cpu', driver: '1.0' },
  model: { id: 'model', mode: 'none', topology: 'chain', parameters: 15, sha256: 'a'.repeat(64) },
  dataset: { id: 'data', sha256: 'b'.repeat(64), samples: 4, available: 4, seed: null },
  precision: 'fp32',
  batchSize: 2,
  accuracy: { correct: 3, total: 4 },
  timing: {
    deviceMsPerBatch: { median: 2, p90: 2, samples: [2, 2] },
    endToEndMsPerBatch: { median: 3, p90: 3.4, samples: [2.5, 3.5] },
    buildMs: 10,
    loadMs: 20,
    firstRunMs: 30,
  },
  energy: null,
  imageIndices: null,
  predictions: [0, 1, 2, 0],
  labels: [0, 1, 2, 1],
  verdict: { valid: true, quick: false, reasons: [] },
  kernels: { variant: 'portable fp32', sourceSha256: null, buildOptions: '' },
};

export const exampleSession: SessionDocument = {
  format: 'bnn-workbench-session',
  version: 1,
  id: '20260102T030405-00000000',
  name: 'Example',
  createdAt: '2026-01-02T03:04:05.000Z',
  program: { version: '0.1.0', commit: null },
  machine: { operatingSystem: 'Linux', cpu: 'CPU', cores: 2, memoryBytes: 2 ** 33 },
  command: 'bnnw run --model model --device opencl:p:d',
  runs: [
    run,
    {
      ...run,
      id: 'run-2',
      dataset: { ...run.dataset, samples: 2, seed: 7 },
      accuracy: { correct: 1, total: 2 },
      timing: { ...run.timing, deviceMsPerBatch: null },
      imageIndices: [3, 0],
      predictions: [1, 1],
      labels: [1, 0],
      verdict: { valid: true, quick: true, reasons: ['2 of 4 test images'] },
    },
  ],
  failures: [
    {
      deviceName: 'Device',
      modelId: 'model',
      precision: 'a4',
      batchSize: 2,
      at: '2026-01-02T03:04:07.000Z',
      error: { kind: 'device-lost', message: 'It crashed.', where: 'Device', remedy: null, details: null },
      finishedImages: 0,
    },
  ],
};

/** A copy that can be changed at will, as JSON is read. */
export function rawExample(): ReturnType<typeof JSON.parse> {
  return JSON.parse(formatSession(exampleSession));
}
