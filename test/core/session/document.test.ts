import { describe, expect, it } from 'vitest';
import { formatSession, parseSession, summarizeSession } from '../../../core/session/document';
import { exampleSession, rawExample } from './exampleSession';

const reading = (value: unknown) => () => parseSession(JSON.stringify(value), 'session.json');

describe('the text of a session', () => {
  it('is read back as it was written', () => {
    expect(parseSession(formatSession(exampleSession), 'session.json')).toEqual(exampleSession);
  });

  it('has each array of numbers on one line and leaves texts alone', () => {
    const name = 'a [\n 1,\n 2\n] b';
    const text = formatSession({ ...exampleSession, name });
    expect(text).toContain('"predictions": [0, 1, 2, 0]');
    expect(text).toContain('"samples": [2.5, 3.5]');
    expect(parseSession(text, '').name).toBe(name);
  });

  it('tells what is in it without reading the runs', () => {
    const summary = summarizeSession(formatSession(exampleSession), '');
    expect(summary).toMatchObject({ name: 'Example' });
    expect([summary.runs.length, summary.failures.length]).toEqual([2, 1]);
  });
});

describe('a session that cannot be read', () => {
  it('is refused with the file, the place and the reason', () => {
    const session = rawExample();
    session.runs[1].accuracy.correct = 'many';
    expect(reading(session)).toThrow(
      expect.objectContaining({
        kind: 'refused-file',
        where: 'session.json',
        message: expect.stringContaining('runs[1].accuracy.correct'),
      }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no session', '{"format": "something-else", "version": 1}'],
    ['no version', '{"format": "bnn-workbench-session"}'],
  ])('is refused where it is %s', (_, text) => {
    expect(() => parseSession(text, 'session.json')).toThrow(
      expect.objectContaining({ kind: 'refused-file' }),
    );
  });

  it('is refused where a newer program wrote it, and that is said', () => {
    expect(reading({ ...rawExample(), version: 2, anything: 'new' })).toThrow(/newer BNN Workbench/);
  });
});

describe('a session that contradicts itself', () => {
  it.each<[string, (run: ReturnType<typeof JSON.parse>) => void]>([
    [
      '2 are said to be correct',
      (run) => {
        run.accuracy.correct = 2;
      },
    ],
    [
      'an accuracy of 5 images',
      (run) => {
        run.accuracy.total = 5;
      },
    ],
    [
      '3 labels',
      (run) => {
        run.labels.pop();
      },
    ],
    [
      'predictions for 9 samples',
      (run) => {
        run.dataset.samples = 9;
      },
    ],
    [
      '1 image indices',
      (run) => {
        run.imageIndices = [0];
      },
    ],
    [
      '2 powers at 3 times',
      (run) => {
        const of = { source: 'RAPL', origin: 'sensor', scope: 'package', zeroMs: 0, gaps: [] };
        run.power = { ...of, atMs: [0, 1, 2], watts: [5, 6] };
      },
    ],
    [
      '3 batches in rounds',
      (run) => {
        run.interleaving = { group: 'a', batchesPerRound: [1, 2] };
      },
    ],
  ])('is refused: %s', (reason, spoil) => {
    const session = rawExample();
    spoil(session.runs[0]);
    expect(reading(session)).toThrow(reason);
  });
});
