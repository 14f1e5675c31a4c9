/**
 * Sessions that somebody made, whose numbers fit their format and are far from what anybody measured: each is refused,
 * or listed, and told in every format.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { WorkbenchError } from '../../core/errors';
import type { TextFormatName } from '../../core/report/formatNames';
import { formatSession, parseSession } from '../../core/session/document';
import type { Run, SessionDocument } from '../../core/session/schema';
import { unfinishedCells } from '../../core/session/unfinished';
import { SessionStore } from '../../main/host/sessionStore';
import { renderReport } from '../../main/report';
import { exampleSession } from '../core/session/exampleSession';

vi.setConfig({ testTimeout: 120_000 });
const folder = mkdtempSync(join(tmpdir(), 'bnnw-hostile-reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FORMATS: TextFormatName[] = ['html', 'markdown', 'latex', 'csv', 'json'];
const options = { clock: 'endToEnd', baselineIds: [], deviceIds: [] } as const;
const noPdf = async () => new Uint8Array();

/** Reads it as a file, lists it, and writes every report. @returns whether it was accepted */
async function tell(text: string): Promise<boolean> {
  let session: SessionDocument;
  try {
    session = parseSession(text, 'hostile.json');
  } catch (thrown) {
    if (thrown instanceof WorkbenchError && thrown.kind === 'refused-file') return false;
    throw thrown;
  }
  const store = new SessionStore(join(folder, 'sessions'));
  const id = await store.adopt(session);
  const [summary] = await store.list();
  expect(summary?.id).toBe(id);
  for (const format of FORMATS) {
    const written = await renderReport(
      session,
      { ...options, baselineIds: [], deviceIds: [] },
      format,
      noPdf,
    );
    expect(written.length).toBeGreaterThan(0);
  }
  rmSync(join(folder, 'sessions'), { recursive: true });
  return true;
}

const [example] = exampleSession.runs;
const withRun = (changes: Partial<Run>): SessionDocument => ({
  ...exampleSession,
  runs: [{ ...example!, ...changes }],
});
const answers = (predictions: number[], labels: number[]) => ({
  predictions,
  labels,
  imageIndices: null,
  dataset: { ...example!.dataset, samples: labels.length },
  accuracy: { correct: predictions.filter((each, i) => each === labels[i]).length, total: labels.length },
});
it.each<[string, SessionDocument, boolean]>([
  ['a class of any number', withRun(answers([4_000_000_000, 1], [0, 1])), true],
  ['50,000 classes', withRun(answers([50_000, 1], [0, 50_000])), true],
  [
    'a plan of more runs than can be counted',
    {
      ...exampleSession,
      plan: {
        runs: 4_000_000_000,
        job: {
          ...{
            deviceIds: ['null:null'],
            models: ['m'],
            dataset: null,
            precisions: ['fp32'],
            batchSizes: [1],
          },
          ...{ samples: null, seed: 1, sessionName: null },
        },
      },
    },
    false,
  ],
  [
    'drawn weights, a million times',
    withRun({
      sampling: {
        ...{ rule: 'sign', temperature: 1, seed: 1, latentSha256: null },
        correct: new Array<number>(1_000_000).fill(1),
        averagedPredictions: [],
        averagedCorrect: 1,
      },
    }),
    false,
  ],
  ['no images in a batch', withRun({ batchSize: 0 }), true],
])('%s is refused, or told', async (_, session, accepted) => {
  expect(await tell(formatSession(session))).toBe(accepted);
  if (accepted) expect(unfinishedCells(session).length).toBeLessThan(1001);
});
