import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { WorkbenchError } from '../../core/errors';
import { formatSession, parseSession } from '../../core/session/document';
import type { SessionDocument } from '../../core/session/schema';
import { encodeRecord, readJournal } from '../../main/host/journalFile';
import { readMeterLog } from '../../main/power/meterLog';
import { readText } from '../../main/storage/readText';
import { exampleSession } from '../core/session/exampleSession';
import { figure } from '../figures';
import { mutated } from '../main/models/mutator';
import { testRandom } from '../random';

/** Of each format. */
const MUTATIONS = Number(process.env.BNNW_MUTATIONS ?? 2000);
const PATIENCE_MS = 2000;

vi.setConfig({ testTimeout: 60 * 60_000 });
const random = testRandom('hostile sessions');
const folder = mkdtempSync(join(tmpdir(), 'bnnw-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readSession = async (path: string) => parseSession(await readText(path), path);

const meter = Array.from({ length: 40 }, (_, i) => `${1_700_000_000 + i},${20 + (i % 7)}.5`);
const journal = Buffer.concat(
  exampleSession.runs.flatMap((run) => [
    encodeRecord({ kind: 'chunk', predictions: run.predictions }),
    encodeRecord({ kind: 'run-finished', run }),
  ]),
);

const formats: [string, Buffer, (path: string) => Promise<unknown>][] = [
  ['session', Buffer.from(formatSession(exampleSession)), readSession],
  ['journal', journal, readJournal],
  ['meter log', Buffer.from(`time,watts\n${meter.join('\n')}\n`), (path) => readMeterLog(path, 'wall', 0)],
];

it.each(formats)('a mutated %s is read or refused within 2 s, and nothing else', async (name, good, read) => {
  const path = join(folder, 'mutated');
  writeFileSync(path, good);
  await read(path);
  let refused = 0;
  let slowestMs = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    writeFileSync(path, mutated(random, good));
    const started = performance.now();
    try {
      await read(path);
    } catch (error) {
      if (!(error instanceof WorkbenchError && error.kind === 'refused-file')) throw error;
      expect(error.where).toContain(path);
      refused++;
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  figure(name, `${MUTATIONS} mutations, ${refused} refused, slowest ${slowestMs.toFixed(0)} ms`);
  expect(slowestMs).toBeLessThan(PATIENCE_MS);
});

describe('a session file', () => {
  it.each([
    ['nested too deep', '['.repeat(100_000)],
    ['of too many objects', `[${'{},'.repeat(2_500_000)}{}]`],
    ['that is no JSON', '\u0000'.repeat(1000)],
    ['that names a prototype', '{"__proto__": {"format": "bnn-workbench-session"}, "version": 1}'],
  ])('%s is refused before it takes memory', async (_, text) => {
    const path = join(folder, 'attack.json');
    writeFileSync(path, text);
    const before = process.memoryUsage().rss;
    await expect(readSession(path)).rejects.toMatchObject({ kind: 'refused-file', where: path });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 * text.length + 256 * 2 ** 20);
  });

  it('that is a folder, or not there, is told', async () => {
    await expect(readSession(folder)).rejects.toMatchObject({ kind: 'refused-file', where: folder });
    const missing = join(folder, 'missing');
    await expect(readSession(missing)).rejects.toMatchObject({ kind: 'storage', where: missing });
  });

  it('that this program writes is never refused for its size', async () => {
    const [run] = exampleSession.runs;
    const count = 10_000;
    const long = {
      ...run!,
      dataset: { ...run!.dataset, samples: count, available: count },
      accuracy: { correct: count, total: count },
      predictions: new Array<number>(count).fill(7),
      labels: new Array<number>(count).fill(7),
    };
    const large: SessionDocument = { ...exampleSession, runs: new Array(100).fill(long) };
    const path = join(folder, 'large.json');
    writeFileSync(path, formatSession(large));
    expect((await readSession(path)).runs).toHaveLength(100);
    expect(readFileSync(path).length).toBeGreaterThan(2 ** 20);
  });
});

it('a journal record with a right checksum and wrong content is refused, not believed', async () => {
  const path = join(folder, 'journal');
  writeFileSync(path, encodeRecord({ kind: 'chunk', predictions: [-1] }));
  await expect(readJournal(path)).rejects.toMatchObject({ kind: 'refused-file', where: path });
});
