import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WorkbenchError } from '../../core/errors';

/**
 * Writes the parts one after another into a new file beside `file`, makes sure that they are on the disk, and
 * only then gives it the name: whoever opens `file` sees all of the old or all of the new one. In pieces, as
 * a model may be too large to be joined in memory first.
 * @throws WorkbenchError `storage`; `file` is untouched then
 */
export async function writeAtomic(file: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const part of parts) await handle.appendFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new WorkbenchError('storage', `${file} cannot be written (${code}).`, {
      where: file,
      remedy: 'Check that the folder exists, that it may be written, and that the disk has room.',
    });
  }
}

/** Makes the new name itself last through a power cut. Windows can't open folders, and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
