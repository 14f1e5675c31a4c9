import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { WorkbenchError } from '../../core/errors';
import type { JournalRecord } from '../../core/session/journal';
import type { SessionDocument } from '../../core/session/schema';
import { decodeRecords, encodeRecord } from '../../main/host/journalFile';
import { SessionStore } from '../../main/host/sessionStore';
import { writeAtomic } from '../../main/storage/writeAtomic';
import { exampleSession } from '../core/session/exampleSession';
import { figure } from '../figures';
import { testRandom } from '../random';
import { type FileCall, failingFiles } from './failingFiles';

vi.setConfig({ testTimeout: 120_000 });

const FLIPS = 10_000;
const random = testRandom('pulledPlug');
const folder = mkdtempSync(join(tmpdir(), 'bnnw-plug-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { runs, failures: _failures, format: _f, version: _v, id: _i, ...header } = exampleSession;
const started: JournalRecord = {
  kind: 'run-started',
  deviceName: 'Device',
  modelId: 'model',
  precision: 'fp32',
  batchSize: 2,
  at: '2026-01-02T03:04:08.000Z',
};
const records: JournalRecord[] = runs.flatMap((run): JournalRecord[] => [
  started,
  { kind: 'images', imageIndices: run.imageIndices, labels: run.labels },
  { kind: 'chunk', predictions: run.predictions },
  { kind: 'run-finished', run },
]);

describe('a journal', () => {
  const pieces = records.map(encodeRecord);
  const whole = Buffer.concat(pieces);
  const ends = pieces.map((_, i) => Buffer.concat(pieces.slice(0, i + 1)).length);
  const all = decodeRecords(whole, 'journal');

  it('cut at every byte gives the records that are whole', () => {
    expect(all).toEqual(records);
    for (let length = 0; length <= whole.length; length++) {
      const count = ends.filter((end) => end <= length).length;
      expect(decodeRecords(whole.subarray(0, length), 'journal')).toEqual(all.slice(0, count));
    }
    figure('journal', `cut at ${whole.length + 1} places`);
  });

  it('with a flipped bit gives exactly the records before it', () => {
    for (let i = 0; i < FLIPS; i++) {
      const bit = random.below(whole.length * 8);
      const damaged = Buffer.from(whole);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const before = ends.filter((end) => end <= bit >> 3).length;
      expect(decodeRecords(damaged, 'journal'), `bit ${bit}`).toEqual(all.slice(0, before));
    }
    figure('journal', `one bit flipped at ${FLIPS} places`);
  });
});

describe('a session on a disk whose Nth call fails', () => {
  /** Writes a session and tells which of its runs were acknowledged, and by which calls. */
  async function write(store: SessionStore): Promise<{ id: string | null; acknowledged: string[] }> {
    const acknowledged: string[] = [];
    const told: unknown[] = [];
    const attempt = async <T>(action: Promise<T>): Promise<T | null> => {
      try {
        return await action;
      } catch (thrown) {
        told.push(thrown);
        return null;
      }
    };
    const writer = await attempt(store.create(header));
    if (writer) {
      for (const record of records) {
        const done = await attempt(writer.append(record).then(() => true));
        if (done && record.kind === 'run-finished') acknowledged.push(record.run.id);
      }
      await attempt(writer.close());
    }
    for (const error of told) {
      expect(error).toBeInstanceOf(WorkbenchError);
      expect(error).toMatchObject({ kind: 'storage', where: expect.stringContaining(folder) });
    }
    return { id: writer?.id ?? null, acknowledged };
  }

  const calls: FileCall[] = [];
  let sessions = 0;
  const nextRoot = () => join(folder, `sessions-${sessions++}`);

  async function withFailures(fails: (index: number) => boolean, code: string): Promise<void> {
    const root = nextRoot();
    let index = 0;
    const { id, acknowledged } = await write(
      new SessionStore(
        root,
        failingFiles(() => fails(index++), code),
      ),
    );
    const later = new SessionStore(root);
    for (const summary of await later.list()) expect(summary.problem).toBeUndefined();
    if (id === null) {
      expect(await later.list()).toEqual([]);
      return;
    }
    const session: SessionDocument = await later.open(id);
    const kept = session.runs.map((run) => run.id);
    expect(kept.filter((run) => acknowledged.includes(run))).toEqual(acknowledged);
    for (const run of session.runs) expect(runs).toContainEqual(run);
    // A lock that could not be removed means nothing once its process has ended.
    const known = ['session.json', 'journal', 'lock'];
    expect(readdirSync(join(root, id)).filter((name) => !known.includes(name))).toEqual([]);
    // The next session on the same disk is as any other.
    expect((await write(new SessionStore(root))).acknowledged).toHaveLength(runs.length);
  }

  it('keeps all that it acknowledged, for every N', async () => {
    await write(
      new SessionStore(
        nextRoot(),
        failingFiles((call) => calls.push(call) < 0),
      ),
    );
    expect(new Set(calls)).toEqual(
      new Set(['makeFolder', 'syncFolder', 'remove', 'open', 'write', 'close', 'datasync', 'sync', 'rename']),
    );
    for (const code of ['ENOSPC', 'EIO']) {
      for (let n = 0; n < calls.length; n++) await withFailures((index) => index === n, code);
    }
    figure('disk', `${calls.length} calls of a session failed in turn, with ENOSPC and EIO`);
  });

  it('keeps all that it acknowledged where every call from the Nth on fails', async () => {
    for (let n = 0; n < calls.length; n++) {
      const root = nextRoot();
      let index = 0;
      const { id, acknowledged } = await write(
        new SessionStore(
          root,
          failingFiles(() => index++ >= n),
        ),
      );
      // The program ends here, and its lock with it.
      if (id === null) continue;
      rmSync(join(root, id, 'lock'), { force: true });
      const kept = (await new SessionStore(root).open(id)).runs.map((run) => run.id);
      expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged);
    }
  });
});

describe('a session that is resumed on a disk whose Nth call fails', () => {
  const [first, ...more] = runs;
  let sessions = 0;

  /** A closed session of one run, or one whose program was killed. */
  async function begun(interrupted: boolean): Promise<{ root: string; id: string }> {
    const root = join(folder, `resumed-${sessions++}`);
    const writer = await new SessionStore(root).create(header);
    await writer.append({ kind: 'run-finished', run: first! });
    if (interrupted) rmSync(join(root, writer.id, 'lock'));
    else await writer.close();
    return { root, id: writer.id };
  }

  /** @returns the ids of the runs that were acknowledged */
  async function goOn(store: SessionStore, id: string): Promise<string[]> {
    const acknowledged: string[] = [];
    try {
      const writer = await store.resume(id);
      for (const run of more) {
        await writer.append({ kind: 'run-finished', run });
        acknowledged.push(run.id);
      }
      await writer.close();
    } catch (thrown) {
      expect(thrown).toMatchObject({ kind: 'storage', where: expect.stringContaining(folder) });
    }
    return acknowledged;
  }

  it.each([
    ['closed', false],
    ['interrupted', true],
  ])('a %s one keeps what it had and what it acknowledged, for every N', async (state, interrupted) => {
    const calls: FileCall[] = [];
    const whole = await begun(interrupted);
    await goOn(
      new SessionStore(
        whole.root,
        failingFiles((call) => calls.push(call) < 0),
      ),
      whole.id,
    );
    for (const [code, ever] of [
      ['ENOSPC', false],
      ['EIO', false],
      ['ENOSPC', true],
    ] as const) {
      for (let n = 0; n < calls.length; n++) {
        const { root, id } = await begun(interrupted);
        let index = 0;
        const failing = failingFiles(() => (ever ? index++ >= n : index++ === n), code);
        const acknowledged = await goOn(new SessionStore(root, failing), id);
        // The program ends here, and its lock with it.
        rmSync(join(root, id, 'lock'), { force: true });
        const kept = (await new SessionStore(root).open(id)).runs;
        expect(kept[0]).toEqual(first);
        expect(kept.map((run) => run.id).slice(1, 1 + acknowledged.length)).toEqual(acknowledged);
        for (const run of kept) expect(runs).toContainEqual(run);
        // It can be resumed again as soon as the disk is well.
        expect(await goOn(new SessionStore(root), id)).toHaveLength(more.length);
      }
    }
    figure(
      'disk',
      `${calls.length} calls of a resumed session (${state}) failed in turn, and all from the Nth on`,
    );
    expect(calls.length).toBeGreaterThan(10);
  });
});

describe('a file that is replaced on a disk whose Nth call fails', () => {
  it('is the old or the new one, and nothing lies beside it', async () => {
    const path = join(folder, 'replaced', 'file');
    const calls: FileCall[] = [];
    await failingFiles(() => false).makeFolder(join(folder, 'replaced'));
    await writeAtomic(
      path,
      'old',
      failingFiles((call) => calls.push(call) < 0),
    );
    for (let n = 0; n < calls.length; n++) {
      writeFileSync(path, 'old');
      let index = 0;
      await expect(
        writeAtomic(
          path,
          'new',
          failingFiles(() => index++ === n),
        ),
      ).rejects.toMatchObject({
        kind: 'storage',
        where: path,
        message: expect.stringContaining('the disk is full'),
      });
      expect(readFileSync(path, 'utf8')).toBe(calls[n] === 'syncFolder' ? 'new' : 'old');
      expect(readdirSync(join(folder, 'replaced'))).toEqual(['file']);
    }
  });
});
