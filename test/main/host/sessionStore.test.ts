import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { formatSession } from '../../../core/session/document';
import type { JournalRecord } from '../../../core/session/journal';
import { decodeRecords, encodeJson, encodeRecord } from '../../../main/host/journalFile';
import { SessionStore } from '../../../main/host/sessionStore';
import type { SessionWriter } from '../../../main/host/sessionWriter';
import { exampleSession } from '../../core/session/exampleSession';
import { testRandom } from '../../random';
import { failingFiles } from '../../storage/failingFiles';
import { temporaryFolder } from './programs';

const random = testRandom('sessionStore');
const { folder, remove } = temporaryFolder();
afterAll(remove);

let root: string;
let store: SessionStore;
let count = 0;
beforeEach(() => {
  root = join(folder, String(count++), 'sessions');
  store = new SessionStore(root);
});

const { runs, failures, format: _format, version: _version, id: _id, ...header } = exampleSession;
const started: JournalRecord = {
  kind: 'run-started',
  deviceName: 'Device',
  modelId: 'model',
  precision: 'fp32',
  batchSize: 2,
  at: '2026-01-02T03:04:08.000Z',
};
const records: JournalRecord[] = [
  started,
  { kind: 'images', imageIndices: null, labels: [0, 1, 2, 0] },
  { kind: 'chunk', predictions: [0, 1] },
  { kind: 'run-finished', run: runs[0]! },
  started,
  { kind: 'images', imageIndices: null, labels: [0, 1, 2, 0] },
  { kind: 'chunk', predictions: [2, 1] },
];

async function write(): Promise<SessionWriter> {
  const writer = await store.create(header);
  for (const record of records) await writer.append(record);
  return writer;
}

/** Leaves the session as a program that was killed would: a journal, and the lock of a process that is no more. */
async function writeAndDie(): Promise<string> {
  const writer = await write();
  const files = join(root, writer.id);
  const journal = readFileSync(join(files, 'journal'));
  await writer.close();
  rmSync(join(files, 'session.json'));
  writeFileSync(join(files, 'journal'), journal);
  const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  const owner = { pid: deadPid, machine: hostname(), startTicks: null };
  writeFileSync(join(files, 'lock'), JSON.stringify(owner));
  return writer.id;
}

describe('a session', () => {
  it('is one document once it is closed', async () => {
    const writer = await write();
    await writer.append({ kind: 'run-failed', at: failures[0]!.at, error: failures[0]!.error });
    expect((await store.list())[0]).toMatchObject({ id: writer.id, runs: 1, failures: 1, open: true });
    await writer.close();
    expect(readdirSync(join(root, writer.id))).toEqual(['session.json']);
    const session = await store.open(writer.id);
    expect(session).toEqual(writer.document());
    expect(session.failures[0]?.answers?.predictions).toEqual([2, 1]);
    expect((await store.list())[0]).toMatchObject({ runs: 1, failures: 1, open: false, path: writer.path });
  });

  it('can be opened while it is written, and shows what has ended', async () => {
    const writer = await write();
    expect(await store.open(writer.id)).toMatchObject({ runs: [{ id: 'run-1' }], failures: [] });
    expect(await new SessionStore(root).open(writer.id)).toMatchObject({
      runs: [{ id: 'run-1' }],
      failures: [],
    });
    await writer.close();
  });

  it('has one writer: nobody else may delete or close it', async () => {
    const writer = await write();
    await expect(new SessionStore(root).delete(writer.id)).rejects.toMatchObject({
      kind: 'storage',
      message: expect.stringContaining('Another program is writing'),
    });
    await writer.close();
    await store.delete(writer.id);
    expect(await store.list()).toEqual([]);
  });

  it('with an unknown name is refused with the nearest one, and no path leads out of the folder', async () => {
    const writer = await write();
    await writer.close();
    await expect(store.open(writer.id.slice(0, -1))).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining(writer.id),
    });
    await expect(store.open('../sessions')).rejects.toMatchObject({ kind: 'unknown-name' });
    await expect(store.delete('..')).rejects.toMatchObject({ kind: 'unknown-name' });
  });
});

describe('what a person does with a session', () => {
  async function closed(): Promise<string> {
    const writer = await write();
    await writer.close();
    return writer.id;
  }

  it('names, tags and annotates it, and touches nothing else', async () => {
    const id = await closed();
    const before = await store.open(id);
    await store.label(id, { name: 'Evening', tags: ['paper'], note: 'With the window open.' });
    expect(await store.open(id)).toEqual({
      ...before,
      ...{ name: 'Evening', tags: ['paper'], note: 'With the window open.' },
    });
    expect((await store.list())[0]).toMatchObject({ name: 'Evening', tags: ['paper'], models: ['model'] });
    expect(readdirSync(join(root, id))).toEqual(['session.json']);
  });

  it('is refused while a job writes to it', async () => {
    const writer = await write();
    await expect(store.label(writer.id, { name: 'x' })).rejects.toMatchObject({ kind: 'storage' });
    await writer.close();
  });

  it('deletes it, and has it back', async () => {
    const id = await closed();
    const before = await store.open(id);
    await store.delete(id);
    expect(await store.list()).toEqual([]);
    expect(await store.listDeleted()).toMatchObject([{ id, name: before.name }]);
    await store.restore(id);
    expect(await store.open(id)).toEqual(before);
    expect(readdirSync(join(root, id))).toEqual(['session.json']);
    expect(await store.listDeleted()).toEqual([]);
    await expect(store.restore(id)).rejects.toMatchObject({ kind: 'unknown-name' });
    await expect(store.restore('..')).rejects.toMatchObject({ kind: 'unknown-name' });
  });

  it('deletes it for good after a month', async () => {
    const [old, fresh] = [await closed(), await closed()];
    await store.delete(old);
    const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    utimesSync(join(`${root}-deleted`, old), longAgo, longAgo);
    await store.delete(fresh);
    expect((await store.listDeleted()).map(({ id }) => id)).toEqual([fresh]);
  });

  it('takes one in under its own id, or under a new one where that is taken', async () => {
    const first = await store.adopt(exampleSession);
    const second = await store.adopt(exampleSession);
    expect(first).toBe(exampleSession.id);
    expect(second).not.toBe(first);
    expect((await store.open(second)).runs).toEqual(exampleSession.runs);
    expect(await store.adopt({ ...exampleSession, id: '../out' })).toMatch(/^2026/);
  });
});

describe('a session whose program was killed', () => {
  it('has what was finished, and the run that was not as a failure with its answers', async () => {
    const id = await writeAndDie();
    const later = new SessionStore(root);
    expect((await later.list())[0]).toMatchObject({ id, runs: 1, failures: 1, open: false });
    const session = await later.open(id);
    expect(session.runs).toEqual([runs[0]]);
    expect(session.failures[0]).toMatchObject({ finishedImages: 2, answers: { predictions: [2, 1] } });
    expect(readdirSync(join(root, id))).toEqual(['session.json']);
    expect(await later.open(id)).toEqual(session);
  });

  it.runIf(process.platform === 'linux')(
    'is not taken for open when its process number lives again',
    async () => {
      const id = await writeAndDie();
      const owner = { pid: process.pid, machine: hostname(), startTicks: '1' };
      writeFileSync(join(root, id, 'lock'), JSON.stringify(owner));
      expect((await store.list())[0]).toMatchObject({ id, open: false, failures: 1 });
    },
  );

  it('is read up to the last whole record, wherever the journal was cut', async () => {
    const id = await writeAndDie();
    const bytes = readFileSync(join(root, id, 'journal'));
    const all = decodeRecords(bytes, 'journal');
    expect(all).toHaveLength(records.length + 1);
    const ends = all.map(
      (_, i) => Buffer.concat(all.slice(0, i + 1).map((r) => encodeRecord(r as JournalRecord))).length,
    );
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      expect(decodeRecords(bytes.subarray(0, length), 'journal')).toHaveLength(whole);
    }
  });

  it('is read up to the record before a flipped bit', async () => {
    const id = await writeAndDie();
    const bytes = readFileSync(join(root, id, 'journal'));
    const all = decodeRecords(bytes, 'journal');
    for (let i = 0; i < 2000; i++) {
      const bit = random.below(bytes.length * 8);
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const read = decodeRecords(damaged, 'journal');
      expect(read.length).toBeLessThan(all.length);
      expect(read).toEqual(all.slice(0, read.length));
    }
  });

  it('can be read even where it cannot be closed', async () => {
    const id = await writeAndDie();
    const full = new SessionStore(
      root,
      failingFiles((call) => call === 'rename'),
    );
    expect((await full.open(id)).failures).toHaveLength(1);
    // The lock of a process that is no more means nothing.
    expect(readdirSync(join(root, id))).toEqual(['journal', 'lock']);
    expect((await store.open(id)).failures).toHaveLength(1);
    expect(readdirSync(join(root, id))).toEqual(['session.json']);
  });
});

describe('files of a newer version', () => {
  const newer = (text: string) => text.replace(/"version": ?1\b/, '"version":2');
  const documentText = newer(formatSession(exampleSession));
  const opened = newer(
    JSON.stringify({
      kind: 'opened',
      header: { format: 'bnn-workbench-session', version: 1, id: 'newer', ...header },
    }),
  );
  const resumed = newer(JSON.stringify({ kind: 'resumed', document: exampleSession }));

  it.each([
    ['a document', { 'session.json': documentText }, 'A newer BNN Workbench wrote this session'],
    ['a journal', { journal: encodeJson(Buffer.from(opened)) }, 'Record 1 of the journal'],
    [
      'a journal with records that are new',
      {
        journal: Buffer.concat([
          encodeRecord({
            kind: 'opened',
            header: { format: 'bnn-workbench-session', version: 1, id: 'newer', ...header },
          }),
          encodeJson(Buffer.from('{"kind":"of the future"}')),
        ]),
      },
      'Record 2 of the journal',
    ],
    [
      'a session that was resumed',
      { 'session.json': formatSession(exampleSession), journal: encodeJson(Buffer.from(resumed)) },
      'Record 1 of the journal',
    ],
  ])('%s is listed with the reason, refused, and stays as it is', async (_, files, reason) => {
    mkdirSync(join(root, 'newer'), { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'newer', name), content);
    const told = {
      kind: 'refused-file',
      where: expect.stringContaining(join(root, 'newer')),
      message: expect.stringContaining(reason),
      remedy: expect.stringContaining('The file was not changed.'),
    };
    expect((await store.list())[0]).toMatchObject({ id: 'newer', problem: expect.stringContaining(reason) });
    await expect(store.open('newer')).rejects.toMatchObject(told);
    await expect(store.resume('newer')).rejects.toMatchObject(told);
    await expect(store.label('newer', { note: 'mine' })).rejects.toMatchObject(told);
    // Nor does a session that comes from elsewhere take its place.
    expect(await store.adopt({ ...exampleSession, id: 'newer' })).not.toBe('newer');
    expect(readdirSync(join(root, 'newer')).sort()).toEqual(Object.keys(files).sort());
    for (const [name, content] of Object.entries(files)) {
      expect(readFileSync(join(root, 'newer', name)).equals(Buffer.from(content))).toBe(true);
    }
  });
});

describe('a disk that refuses', () => {
  it('is told with the path', async () => {
    writeFileSync(join(folder, 'file'), '');
    const blocked = new SessionStore(join(folder, 'file', 'sessions'));
    await expect(blocked.create(header)).rejects.toMatchObject({
      kind: 'storage',
      where: expect.stringContaining(join(folder, 'file')),
    });
  });
});
