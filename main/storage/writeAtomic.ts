import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { disk, type FileOperations, writeAll } from './fileOperations';
import { withStorage } from './storageErrors';

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
  await withStorage('The file could not be written', path, async () => {
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
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
      await files.rename(temporary, path);
    } catch (thrown) {
      // Where even this fails, the first failure is the one to tell.
      await files.remove(temporary).catch(() => undefined);
      throw thrown;
    }
    await files.syncFolder(dirname(path));
  });
}
