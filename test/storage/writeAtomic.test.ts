import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolders, makeFoldersSync } from '../../main/storage/makeFolders';
import { requireWritable, writeAtomic } from '../../main/storage/writeAtomic';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bnnw-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('making a folder', () => {
  it('makes those above it too, and takes one that is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await makeFolders(path);
    await makeFolders(path);
    makeFoldersSync(join(path, 'd', 'e'));
    expect(await readdir(join(path, 'd'))).toEqual(['e']);
  });

  it('refuses a file in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolders(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolders(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('ends where the system takes no folder', async () => {
    await expect(makeFolders('/proc/bnnw/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => makeFoldersSync('/proc/bnnw/a/b')).toThrow(/ENOENT/);
  });
});

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
