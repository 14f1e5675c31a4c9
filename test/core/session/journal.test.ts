import { describe, expect, it } from 'vitest';
import { type JournalRecord, SessionBuilder } from '../../../core/session/journal';
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
});
