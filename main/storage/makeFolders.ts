/**
 * A folder with all those above it. Node's own recursive mkdir never ends where a folder is there and takes no
 * other one, as below /proc: it asks for the upper one, hears that it is there, and asks for the lower one again.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from './storageErrors';

/** @throws the error of the system's call, as mkdir does */
export async function makeFolders(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'ENOENT' || dirname(path) === path) throw thrown;
    await makeFolders(dirname(path));
    await makeOne(path);
  }
}

/** The same for what cannot wait. */
export function makeFoldersSync(path: string): void {
  try {
    makeOneSync(path);
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'ENOENT' || dirname(path) === path) throw thrown;
    makeFoldersSync(dirname(path));
    makeOneSync(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isThere) throw thrown;
  }
}

function makeOneSync(path: string): void {
  try {
    mkdirSync(path);
  } catch (thrown) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw thrown;
  }
}
