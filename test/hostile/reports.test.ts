/**
 * Sessions that somebody made, whose numbers fit their format and are far from what anybody measured: each is refused,
 * or listed, and told in every format, within the time that a hostile file may take.
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
import { figure } from '../figures';
import { testRandom } from '../random';

const INPUTS = 300;
/** Of a machine that does other work too, for a file's list entry and five reports. */
const PATIENCE_MS = 10_000;
vi.setConfig({ testTimeout: 30 * 60_000 });
const random = testRandom('hostile reports');
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
const times = (samples: number[]): Pick<Run, 'timing'> => ({
  timing: { ...example!.timing, endToEndMsPerBatch: { median: 1, p90: 1, samples } },
});
const samples = (count: number) => times(Array.from({ length: count }, (_, i) => 1 + (i % 7)));
const withRuns = (changes: Partial<Run>[]): SessionDocument => ({
  ...exampleSession,
  runs: changes.map((each, i) => ({ ...example!, id: `run-${i}`, ...each })),
});
const powers = (count: number): Pick<Run, 'power'> => ({
  power: {
    ...{ source: 'a sensor', origin: 'sensor', scope: 'board', zeroMs: 0 },
    atMs: Array.from({ length: count }, (_, i) => i),
    watts: new Array<number>(count).fill(1),
    gaps: new Array<{ startMs: number; endMs: number }>(10_000).fill({ startMs: -2, endMs: -1 }),
  },
});
const NO_TIME = [0, 0, 0, 0, 0, 1, 1, 1, 1];

it.each<[string, SessionDocument, boolean]>([
  ['a class of any number', withRun(answers([4_000_000_000, 1], [0, 1])), true],
  ['50,000 classes', withRun(answers([50_000, 1], [0, 50_000])), true],
  ['five million times', withRun(samples(5_000_000)), false],
  [
    'four runs of up to 100,000 times',
    withRuns(Array.from({ length: 4 }, (_, i) => ({ batchSize: i + 1, ...samples(100_000 - i) }))),
    true,
  ],
  ['a time too large for its axis', withRun(times([1, 1, 1, 1, 1e308])), false],
  ['a time too small to be divided by', withRun(times([1, 1, 1, 1, 5e-324])), false],
  [
    'the largest and the smallest times that are read',
    withRuns([times([1e60, 1e60, 1e60, 1e60, 1e60]), times([1e-60, 1e-60, 1e-60, 1e-60, 1e-60])]),
    true,
  ],
  [
    'times of nothing along batch sizes',
    withRuns([1, 2].map((batchSize) => ({ batchSize, ...times(NO_TIME) }))),
    true,
  ],
  ['a median of nothing', withRuns([times([0, 0, 0, 0, 0, 1]), times([1, 1, 1, 1, 1, 2])]), true],
  ['as many powers as are read, and as many gaps', withRun(powers(10_000)), true],
  ['more powers than are read', withRun(powers(100_000)), false],
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
  ['no images in a batch', withRun({ batchSize: 0 }), false],
])('%s is refused, or told', async (_, session, accepted) => {
  const text = formatSession(session);
  const started = performance.now();
  expect(await tell(text)).toBe(accepted);
  expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
  if (accepted) expect(unfinishedCells(session).length).toBeLessThan(1001);
});

const EXTREMES = [
  0,
  1,
  -1,
  1e308,
  -1e308,
  5e-324,
  1e-30,
  1e15,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  65_536,
  0.5,
  1e21,
];

/** One number somewhere in it becomes an extreme one; in a list, some of them. */
function withExtreme(text: string): string {
  const places = [...text.matchAll(/(?<=[[:,]\s*)-?\d+(\.\d+)?([eE][-+]?\d+)?(?=\s*[,}\]])/g)];
  const place = places[random.below(places.length)]!;
  const extreme = String(EXTREMES[random.below(EXTREMES.length)]);
  return text.slice(0, place.index) + extreme + text.slice(place.index + place[0].length);
}

it(`a session with extreme numbers, ${INPUTS} times, is refused, or told in every format`, async () => {
  const good = formatSession(exampleSession);
  expect(await tell(good)).toBe(true);
  let accepted = 0;
  let slowestMs = 0;
  for (let i = 0; i < INPUTS; i++) {
    let text = good;
    for (let change = random.below(4); change >= 0; change--) text = withExtreme(text);
    const started = performance.now();
    try {
      if (await tell(text)) accepted++;
    } catch (thrown) {
      throw new Error(`input ${i}: ${text}`, { cause: thrown });
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  figure(
    'reports of sessions with extreme numbers',
    `${INPUTS} sessions, ${accepted} accepted and told in ${FORMATS.length} formats, slowest ${slowestMs.toFixed(0)} ms`,
  );
  expect(slowestMs).toBeLessThan(PATIENCE_MS);
  expect(accepted).toBeGreaterThan(0);
});
