import { randomBytes } from 'node:crypto';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { disk, type FileOperations, writeAll } from './fileOperations';
import { withStorage } from './storageErrors';

/**
 * The file that a path means, through links. A device, a pipe or a folder is no file to replace.
 * @throws WorkbenchError `storage`
 */
async function regularFile(path: string): Promise<string> {
  const file = await realpath(path).catch(() => resolve(path));
  const found = await stat(file).catch(() => null);
  if (found === null || found.isFile()) return file;
  throw new WorkbenchError('storage', `${path} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`, {
    where: path,
    remedy: 'Name a file.',
  });
}

/**
 * Checks that a file could be written, without touching it.
 * @throws WorkbenchError `storage`
 */
export async function requireWritable(path: string): Promise<void> {
  const folder = dirname(await regularFile(path));
  await withStorage('The file cannot be written', path, () => access(folder, constants.W_OK));
}

/**
 * Replaces a file or leaves the old one: the parts go one after another into a new file beside it, which is
 * synced, renamed, and its folder synced. In pieces, as a model may be too large to be joined in memory first.
 * @param content a text is written as UTF-8
 * @throws WorkbenchError `storage`; `path` is as it was, unless only the sync of its folder failed
 */
export async function writeAtomic(
  path: string,
  content: string | readonly Uint8Array[],
  files: FileOperations = disk,
): Promise<void> {
  const parts = typeof content === 'string' ? [Buffer.from(content)] : content;
  const target = await regularFile(path);
  await withStorage('The file could not be written', path, async () => {
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const file = await files.open(temporary, 'wx');
      try {
        let position = 0;
        for (const part of parts) {
          await writeAll(file, part, position);
          position += part.length;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await files.rename(temporary, target);
    } catch (thrown) {
      // Where even this fails, the first failure is the one to tell.
      await files.remove(temporary).catch(() => undefined);
      throw thrown;
    }
    await files.syncFolder(dirname(target));
  });
}
