import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireWritable, writeAtomic } from '../../main/storage/writeAtomic';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bnnw-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writing a file whole', () => {
  it('writes through a link, which stays a link', async () => {
    await writeFile(join(folder, 'target.json'), 'old');
    await symlink('target.json', join(folder, 'link.json'));
    await writeAtomic(join(folder, 'link.json'), 'new');
    expect((await lstat(join(folder, 'link.json'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'target.json'), 'utf8')).toBe('new');
  });

  it.runIf(process.platform !== 'win32')('leaves a pipe a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(writeAtomic(pipe, 'text')).rejects.toMatchObject({ kind: 'storage', where: pipe });
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect(await readdir(folder)).toEqual(['pipe']);
  });

  it('refuses a folder and a folder that is not there, before anything is done', async () => {
    await expect(requireWritable(folder)).rejects.toMatchObject({ kind: 'storage' });
    await expect(requireWritable(join(folder, 'none', 'x.json'))).rejects.toMatchObject({ kind: 'storage' });
    await requireWritable(join(folder, 'x.json'));
    expect(await readdir(folder)).toEqual([]);
  });
});
