/** What the writers of lasting files ask of the system. A test gives one whose calls fail. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { makeFolders } from './makeFolders';

export interface OpenFile extends Pick<FileHandle, 'sync' | 'datasync' | 'truncate' | 'close'> {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
}

export interface FileOperations {
  /** @param flags `w` empties a file that exists, `wx` refuses it */
  open(path: string, flags: 'w' | 'wx'): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder with all that is in it; nothing where there is nothing. */
  remove(path: string): Promise<void>;
  makeFolder(path: string, options?: { recursive: boolean }): Promise<unknown>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

export const disk: FileOperations = {
  open,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  makeFolder: (path, options) => (options?.recursive ? makeFolders(path) : mkdir(path)),
  async syncFolder(path) {
    // Windows has no such call and does it by itself.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/** Writes all of the bytes: one call of the system may take fewer, as where a disk fills up. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
