import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { releaseLock, takeLock } from '../../../main/host/sessionLock';
import { disk } from '../../../main/storage/fileOperations';
import { temporaryFolder } from './programs';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const path = join(folder, 'lock');
const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
const lockOf = (pid: number, startTicks: string | null = null) =>
  JSON.stringify({ pid, machine: hostname(), startTicks });

it('is taken from a process that is no more, and leaves nothing beside it', async () => {
  writeFileSync(path, lockOf(deadPid));
  await takeLock(path);
  expect(readdirSync(dirname(path))).toEqual(['lock']);
  await expect(takeLock(path)).rejects.toMatchObject({ kind: 'storage' });
  await releaseLock(path);
});

it('that another program took in the same moment stays that program’s', async () => {
  writeFileSync(path, lockOf(deadPid));
  let raced = false;
  const racing = {
    ...disk,
    // Between our look and our move the other one removes the dead lock and makes its own.
    async rename(from: string, to: string) {
      if (!raced) {
        raced = true;
        await releaseLock(path);
        await takeLock(path);
      }
      await disk.rename(from, to);
    },
  };
  await expect(takeLock(path, racing)).rejects.toMatchObject({ kind: 'storage' });
  await expect(takeLock(path)).rejects.toMatchObject({ kind: 'storage' });
  expect(readdirSync(dirname(path))).toEqual(['lock']);
  await releaseLock(path);
});

it('that is being made is not taken, and one that was never finished is', async () => {
  writeFileSync(path, '');
  await expect(takeLock(path)).rejects.toMatchObject({
    kind: 'storage',
    remedy: expect.stringContaining('again'),
  });
  utimesSync(path, new Date(0), new Date(0));
  await takeLock(path);
  await releaseLock(path);
});
