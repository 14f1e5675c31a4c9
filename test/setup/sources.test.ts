import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashOf, isFresh, writeStamp } from '../../setup/sources.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bnnw-sources-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/a.ts'), 'one');
  writeFileSync(join(folder, 'src/b.ts'), 'two');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a hash stays while nothing changes, and follows contents, names and new files', () => {
  const source = join(folder, 'src');
  const hashes = [hashOf([source])];
  expect(hashOf([source])).toBe(hashes[0]);

  writeFileSync(join(source, 'a.ts'), 'uno');
  hashes.push(hashOf([source]));
  renameSync(join(source, 'a.ts'), join(source, 'c.ts'));
  hashes.push(hashOf([source]));
  writeFileSync(join(source, 'empty.ts'), '');
  hashes.push(hashOf([source]));
  expect(new Set(hashes).size).toBe(4);
});

it('what moves from one file to the next changes the hash', () => {
  const source = join(folder, 'src');
  const before = hashOf([source]);
  writeFileSync(join(source, 'a.ts'), 'onet');
  writeFileSync(join(source, 'b.ts'), 'wo');
  expect(hashOf([source])).not.toBe(before);
});

it('a stamp is fresh for the hash that was written, in a folder that it makes', () => {
  const stamp = join(folder, 'dist/stamp');
  expect(isFresh(stamp, 'abc')).toBe(false);
  writeStamp(stamp, 'abc');
  expect(isFresh(stamp, 'abc')).toBe(true);
  expect(isFresh(stamp, 'abd')).toBe(false);
});
