import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { formatSession, parseSession } from '../../core/session/document';
import { embedSession } from '../../core/session/embedded';
import type { SessionDocument } from '../../core/session/schema';
import { encodeJson, encodeRecord, readJournal } from '../../main/host/journalFile';
import { readSessionFile } from '../../main/host/sessionFile';
import { readMeterLog } from '../../main/power/meterLog';
import { readText } from '../../main/storage/readText';
import { exampleSession } from '../core/session/exampleSession';
import { mutated } from '../main/models/mutator';
import { testRandom } from '../random';
import { tryMutations } from './mutationTrial';

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
  [
    'session in an HTML report',
    Buffer.from(`<!doctype html><p>Report</p>${embedSession(exampleSession)}`),
    readSessionFile,
  ],
  ['journal', journal, readJournal],
  [
    'record with a right checksum',
    Buffer.from(JSON.stringify({ kind: 'run-finished', run: exampleSession.runs[0] })),
    (path) => {
      writeFileSync(path, encodeJson(readFileSync(path)));
      return readJournal(path);
    },
  ],
  ['meter log', Buffer.from(`time,watts\n${meter.join('\n')}\n`), (path) => readMeterLog(path, 'wall', 0)],
];

it.each(formats)('a mutated %s is read or refused within 2 s, and nothing else', async (name, good, read) => {
  const path = join(folder, 'mutated');
  await tryMutations({
    format: name,
    original: good,
    mutate: () => mutated(random, good),
    read: (bytes) => {
      writeFileSync(path, bytes);
      return read(path);
    },
    isRefusal: ({ kind, where }) => kind === 'refused-file' && where?.includes(path) === true,
  });
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

it.each([
  ['a class that no network has', '{"kind":"chunk","predictions":[-1]}'],
  ['no JSON', '{"kind":'],
  ['lists without an end', '['.repeat(100_000)],
])('a journal record with a right checksum and %s is refused, not believed', async (_, json) => {
  const path = join(folder, 'journal');
  writeFileSync(path, encodeJson(Buffer.from(json)));
  await expect(readJournal(path)).rejects.toMatchObject({ kind: 'refused-file', where: path });
});
