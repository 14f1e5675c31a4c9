/** The disk, with calls that fail as they do where it is full or broken. */
import { disk, type FileOperations, type OpenFile } from '../../main/storage/fileOperations';

export type FileCall = keyof FileOperations | keyof OpenFile;

function refusal(call: FileCall, code: string): Error {
  return Object.assign(new Error(`${code}: made up, ${call}`), { code, syscall: call });
}

/**
 * @param fails asked before each call; a write that fails has written half of its bytes, a file whose close
 *   fails is closed all the same
 */
export function failingFiles(fails: (call: FileCall) => boolean, code = 'ENOSPC'): FileOperations {
  const check = (call: FileCall) => {
    if (fails(call)) throw refusal(call, code);
  };
  return {
    async open(path, flags) {
      check('open');
      const file = await disk.open(path, flags);
      return failingFile(file, fails, code);
    },
    async rename(from, to) {
      check('rename');
      await disk.rename(from, to);
    },
    async remove(path) {
      check('remove');
      await disk.remove(path);
    },
    async makeFolder(path, options) {
      check('makeFolder');
      await disk.makeFolder(path, options);
    },
    async syncFolder(path) {
      check('syncFolder');
      await disk.syncFolder(path);
    },
  };
}

function failingFile(file: OpenFile, fails: (call: FileCall) => boolean, code: string): OpenFile {
  const before = (call: FileCall) => {
    if (fails(call)) throw refusal(call, code);
  };
  return {
    async write(bytes, offset, length, position) {
      if (!fails('write')) return file.write(bytes, offset, length, position);
      await file.write(bytes, offset, length >> 1, position);
      throw refusal('write', code);
    },
    async sync() {
      before('sync');
      await file.sync();
    },
    async datasync() {
      before('datasync');
      await file.datasync();
    },
    async truncate(length) {
      before('truncate');
      await file.truncate(length);
    },
    async close() {
      await file.close();
      before('close');
    },
  };
}
