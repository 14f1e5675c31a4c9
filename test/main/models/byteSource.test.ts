import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { applicationRoot } from '../../../main/applicationRoot';
import { openSource } from '../../../main/models/byteSource';
import { openModel } from '../../../main/models/openModel';
import { joined, refusalOf, testFolder, useTestFolder, withSource, written } from './files';

useTestFolder();

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);

describe('a file', () => {
  it.each([
    ['as it is', bytes],
    ['gzipped', gzipSync(bytes)],
  ])('%s', async (_, stored) => {
    const file = await written('file', stored);
    await withSource(file, async (source) => {
      expect([source.size, source.fileBytes]).toEqual([1000, stored.length]);
      expect(source.sha256).toBe(createHash('sha256').update(stored).digest('hex'));
      expect(Uint8Array.from(await source.read(500, 100, 'here'))).toEqual(bytes.slice(500, 600));
      expect((await refusalOf(source.read(990, 11, 'there'), file)).where).toBe(`${file}: there`);
    });
  });

  it('that is too large is refused before it is read: this one takes no place on the disk', async () => {
    const file = await written('sparse.pt', new Uint8Array(0));
    await truncate(file, 10 * 2 ** 30);
    const refusal = await refusalOf(openSource(file), file);
    expect(refusal.message).toContain('at most');
  });

  it('that is missing, a folder or a pipe', async () => {
    await expect(openSource(join(testFolder(), 'no'))).rejects.toMatchObject({ kind: 'unknown-name' });
    const folder = join(testFolder(), 'folder');
    await mkdir(folder);
    expect((await refusalOf(openSource(folder), folder)).message).toContain('no regular file');
    if (process.platform === 'win32') return;
    const pipe = join(testFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await refusalOf(openSource(pipe), pipe)).message).toContain('no regular file');
  });
});

describe('gzip that is refused', () => {
  const packed = gzipSync(bytes);
  const withSize = (size: number) => {
    const copy = Uint8Array.from(packed);
    new DataView(copy.buffer).setUint32(copy.length - 4, size, true);
    return copy;
  };

  it.each([
    ['a bomb', gzipSync(new Uint8Array(200 * 2 ** 20)), 'more than 128 MiB'],
    ['a size of 4 GB', withSize(0xffffffff), 'more than 128 MiB'],
    ['a size too small', withSize(999), 'broken'],
    ['a size too large', withSize(1001), 'broken|trailer says 1001'],
    ['two members', joined(packed, packed), 'more than its trailer says'],
    ['bytes behind it', joined(packed, [1, 2, 3, 4, 5, 6, 7, 8]), 'MiB|trailer'],
    ['a changed byte', packed.map((byte, i) => (i === 100 ? byte ^ 255 : byte)), 'gzip'],
    ['a wrong checksum', packed.map((byte, i) => (i === packed.length - 8 ? byte ^ 255 : byte)), 'gzip'],
    ['a cut', packed.subarray(0, packed.length - 20), 'gzip|MiB|trailer'],
    ['two bytes', packed.subarray(0, 2), 'too short'],
  ])('%s', async (_, stored, reason) => {
    const file = await written('file.gz', stored);
    expect((await refusalOf(openSource(file), file)).message).toMatch(new RegExp(reason));
  });
});

it.runIf(process.platform === 'linux')('every file is closed again, read or refused', async () => {
  const openFiles = async () => {
    const files = await readdir('/proc/self/fd');
    const targets = await Promise.all(files.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(testFolder()));
  };
  const packed = gzipSync(bytes);
  const attempts = [bytes, packed, packed.subarray(0, 100), joined(packed, packed), new Uint8Array(3)];
  for (const [i, stored] of attempts.entries()) {
    const file = await written(`attempt-${i}.pt`, stored);
    await expect(openModel(file), file).rejects.toMatchObject({ kind: 'refused-file' });
  }
  const bundled = join(applicationRoot(), 'assets', 'models', 'mnist-deterministic.safetensors');
  await openModel(await written('right.safetensors', await readFile(bundled)));
  expect(await openFiles()).toEqual([]);
});
