// A disk that is really full, and one that is really read-only: each is told, and nothing on it changes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalRecord } from '../../core/session/journal';
import { SessionStore } from '../../main/host/sessionStore';
import { requireWritable, writeAtomic } from '../../main/storage/writeAtomic';
import { exampleSession } from '../core/session/exampleSession';
import { figure } from '../figures';
import { fakeHost } from '../main/host/fakeHost';
import { bundle, programFolder } from '../main/host/programs';
import { smallDisk } from './smallDisk';

vi.setConfig({ testTimeout: 60_000 });

const DISK_BYTES = 512 * 1024;
const disk = smallDisk(DISK_BYTES);
const programs = programFolder();
afterAll(() => {
  disk?.unmount();
  programs.remove();
});

const { runs, failures: _failures, format: _f, version: _v, id: _i, ...header } = exampleSession;
const [run] = runs;
const finished = (id: string): JournalRecord => ({ kind: 'run-finished', run: { ...run!, id } });

/** What every file below the folder holds, but for this one. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names
      .filter((name) => name !== 'filler' && statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

describe.skipIf(disk === null)('a disk', () => {
  let root: string;
  let count = 0;
  beforeEach(() => {
    root = join(disk!.folder, `sessions-${count++}`);
    mkdirSync(root);
  });

  /** A closed session, which nothing may change. */
  async function aSession(): Promise<{ store: SessionStore; id: string }> {
    const store = new SessionStore(root);
    const writer = await store.create(header);
    await writer.append(finished('first'));
    await writer.close();
    return { store, id: writer.id };
  }

  const full = { kind: 'storage', message: expect.stringContaining('the disk is full') };

  it('that fills up during a session keeps all that was acknowledged, and the session goes on when there is room', async () => {
    const { store, id: earlier } = await aSession();
    const writer = await store.create(header);
    const before = contents(join(root, earlier));
    const acknowledged: string[] = [];
    const empty = disk!.fill();
    let told: unknown = null;
    while (told === null) {
      const name = `run-${acknowledged.length}`;
      await writer.append(finished(name)).then(
        () => acknowledged.push(name),
        (thrown: unknown) => {
          told = thrown;
        },
      );
    }
    expect(told).toMatchObject({ ...full, where: join(root, writer.id, 'journal') });
    await expect(writer.close()).rejects.toMatchObject(full);

    // The next program, while the disk is still full.
    const next = new SessionStore(root);
    expect((await next.open(writer.id)).runs.map(({ id }) => id)).toEqual(acknowledged);
    await expect(next.create(header)).rejects.toMatchObject(full);
    await expect(next.label(earlier, { note: 'x'.repeat(8192) })).rejects.toMatchObject(full);
    await expect(next.resume(earlier)).rejects.toMatchObject(full);
    expect((await next.list()).map(({ id }) => id).sort()).toEqual([earlier, writer.id].sort());
    expect(contents(join(root, earlier))).toEqual(before);

    empty();
    const again = await next.resume(writer.id);
    await again.append(finished('last'));
    await again.close();
    expect((await next.open(writer.id)).runs.map(({ id }) => id)).toEqual([...acknowledged, 'last']);
    figure(
      'full disk',
      `a tmpfs of ${DISK_BYTES / 1024} KiB: told, and ${acknowledged.length} runs that were acknowledged kept`,
    );
  });

  it('that is full ends a job with the reason, and the next one runs when there is room', async () => {
    const script = bundle(join(__dirname, '../main/host/fakeDeviceProcess.ts'), programs.folder);
    const { host, runJob } = fakeHost(script, root);
    const empty = disk!.fill();
    await expect(runJob()).rejects.toMatchObject(full);
    empty();
    expect((await runJob()).outcome).toBe('done');
    await host.close();
    expect((await new SessionStore(root).list()).map(({ runs, problem }) => [runs, problem])).toEqual([
      [1, undefined],
    ]);
  });

  it('that is full keeps the old file where a new one finds no room', async () => {
    const path = join(root, 'report.html');
    await writeAtomic(path, 'old');
    const empty = disk!.fill();
    await expect(writeAtomic(path, 'new'.repeat(10_000))).rejects.toMatchObject({ ...full, where: path });
    empty();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(root)).toEqual(['report.html']);
  });

  it('that is read-only shows its sessions and refuses every change', async () => {
    const { store, id } = await aSession();
    const interrupted = await store.create(header);
    await interrupted.append(finished('kept'));
    // As a program leaves it that was killed: no file on the disk is open any more.
    const journal = readFileSync(join(root, interrupted.id, 'journal'));
    await interrupted.close();
    rmSync(join(root, interrupted.id, 'session.json'));
    writeFileSync(join(root, interrupted.id, 'journal'), journal);
    const before = contents(root);
    expect(Object.keys(before)).toHaveLength(2);
    disk!.setReadOnly(true);
    try {
      const later = new SessionStore(root);
      expect((await later.list()).map(({ problem }) => problem)).toEqual([undefined, undefined]);
      expect((await later.open(id)).runs).toHaveLength(1);
      expect((await later.open(interrupted.id)).runs).toHaveLength(1);
      expect(await later.isWritable()).toBe(false);
      const readOnly = {
        kind: 'storage',
        message: expect.stringContaining('the file system is read-only'),
        where: expect.stringContaining(root),
      };
      await expect(later.create(header)).rejects.toMatchObject(readOnly);
      await expect(later.adopt(exampleSession)).rejects.toMatchObject(readOnly);
      await expect(later.label(id, { note: 'new' })).rejects.toMatchObject(readOnly);
      await expect(later.resume(interrupted.id)).rejects.toMatchObject(readOnly);
      await expect(later.delete(id)).rejects.toMatchObject(readOnly);
      await expect(requireWritable(join(root, 'report.html'))).rejects.toMatchObject(readOnly);
      await expect(writeAtomic(join(root, id, 'session.json'), 'new')).rejects.toMatchObject(readOnly);
      expect(contents(root)).toEqual(before);
    } finally {
      disk!.setReadOnly(false);
    }
    figure('read-only disk', 'every change refused with the reason, every session readable, no byte changed');
  });
});
