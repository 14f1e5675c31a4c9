import { describe, expect, it } from 'vitest';
import type { Job } from '../../../core/contract/job';
import { type JournalRecord, SessionBuilder } from '../../../core/session/journal';
import { unfinishedCells } from '../../../core/session/unfinished';
import { exampleSession } from './exampleSession';

const { runs, failures, ...header } = exampleSession;
const started: JournalRecord = {
  kind: 'run-started',
  deviceName: 'Device',
  modelId: 'model',
  precision: 'fp32',
  batchSize: 2,
  at: '2026-01-02T03:04:08.000Z',
};
const images: JournalRecord = { kind: 'images', imageIndices: [9, 8, 7, 6], labels: [0, 1, 2, 0] };
const chunk: JournalRecord = { kind: 'chunk', predictions: [0, 1] };
const job: Job = {
  deviceIds: ['null:null'],
  models: ['a', 'b', 'c'],
  dataset: null,
  precisions: ['fp32'],
  batchSizes: [1],
  samples: null,
  seed: 1,
  sessionName: null,
};

function built(...records: JournalRecord[]): SessionBuilder {
  const builder = new SessionBuilder(header);
  for (const record of records) builder.apply(record);
  return builder;
}

describe('the records of a journal', () => {
  it('sum up to the session', () => {
    const builder = built(started, images, chunk, { kind: 'run-finished', run: runs[0]! });
    expect(builder.document()).toEqual({ ...header, runs: [runs[0]], failures: [] });
    expect(builder.interruptedDocument()).toEqual(builder.document());
  });

  it('keep the answers of a run that failed', () => {
    const { at, error } = failures[0]!;
    const document = built(started, images, chunk, { kind: 'run-failed', at, error }).document();
    expect(document.failures).toEqual([
      expect.objectContaining({
        finishedImages: 2,
        answers: { imageIndices: [9, 8], predictions: [0, 1], labels: [0, 1] },
      }),
    ]);
  });

  it('that end in the middle of a run leave a failure with its answers', () => {
    const builder = built(started, images, chunk);
    expect(builder.document().failures).toEqual([]);
    expect(builder.interruptedDocument().failures).toEqual([
      expect.objectContaining({ modelId: 'model', finishedImages: 2 }),
    ]);
  });

  it('do not mix the answers of two runs', () => {
    const { at, error } = failures[0]!;
    const failed: JournalRecord = { kind: 'run-failed', at, error };
    const document = built(started, images, chunk, failed, started, failed).document();
    expect(document.failures.map((failure) => failure.finishedImages)).toEqual([2, 0]);
    expect(document.failures[1]).not.toHaveProperty('answers');
  });

  it('keep runs apart that take turns', () => {
    const { at, error } = failures[0]!;
    const [first, second] = [0, 1].map((cell) => ({ ...started, cell }));
    const builder = built(
      first!,
      second!,
      { ...images, cell: 0 },
      { ...images, cell: 1 },
      { ...chunk, cell: 1 },
      { kind: 'run-failed', cell: 0, at, error },
    );
    expect(builder.document().failures.map((failure) => failure.finishedImages)).toEqual([0]);
    expect(builder.interruptedDocument().failures.map((failure) => failure.finishedImages)).toEqual([0, 2]);
  });

  it('of a session that goes on add to its document, and a repetition takes the place of the run that was cut', () => {
    const { at } = failures[0]!;
    const first = { ...started, cell: 1 };
    const error = { kind: 'cancelled', message: 'Cancelled.', where: null, remedy: null, details: null };
    const cut = built(
      first,
      { ...images, cell: 1 },
      { ...chunk, cell: 1 },
      { kind: 'run-failed', cell: 1, at, error },
    );
    expect(cut.document().failures).toMatchObject([{ cell: 1, finishedImages: 2 }]);

    const resumed = new SessionBuilder({ ...cut.document(), plan: { job, runs: 3 } });
    expect(unfinishedCells(resumed.document())).toEqual([0, 1, 2]);
    resumed.apply(first);
    // Both are kept where the repetition is cut as well.
    expect(resumed.interruptedDocument().failures).toMatchObject([
      { error: { kind: 'cancelled' } },
      { error: { kind: 'interrupted' } },
    ]);
    resumed.apply({ kind: 'run-finished', cell: 1, run: runs[0]! });
    resumed.apply({ ...started, cell: 0 });
    resumed.apply({ kind: 'run-failed', cell: 0, at, error: failures[0]!.error });
    const document = resumed.document();
    expect(document.runs).toEqual([{ ...runs[0], cell: 1 }]);
    expect(document.failures).toMatchObject([{ cell: 0, error: { kind: 'device-lost' } }]);
    expect(unfinishedCells(document)).toEqual([2]);
  });
});
