/** What the system refuses to do with a file, as an error for a person. */
import { WorkbenchError } from '../../core/errors';

/** The reason and the remedy for the codes that a person can do something about. */
const REASONS: Record<string, [reason: string, remedy: string]> = {
  ENOSPC: ['the disk is full', 'Make room on the disk.'],
  EDQUOT: ['the disk quota is used up', 'Make room, or ask for a larger quota.'],
  EROFS: [
    'the file system is read-only',
    'Choose a place that can be written (BNNW_HOME moves what the workbench keeps).',
  ],
  EACCES: [
    'it may not be accessed',
    'Choose another place, or change its permissions (BNNW_HOME moves what the workbench keeps).',
  ],
  EPERM: [
    'it may not be accessed',
    'Choose another place, or change its permissions (BNNW_HOME moves what the workbench keeps).',
  ],
  ENOTDIR: ['a part of the path is no folder', 'Choose another path.'],
  EEXIST: ['something else stands there already', 'Choose another path, or move it away.'],
  ENAMETOOLONG: ['the path is too long', 'Choose a shorter one.'],
  ELOOP: ['its links lead in a circle', 'Choose another path.'],
  EISDIR: ['it is a folder', 'Choose another path.'],
  ENOENT: ['a file or folder of the path does not exist', 'Check the path.'],
  EIO: ['the disk reported an error', 'Check the disk.'],
};

/** Does something with files; what the system refuses becomes a `storage` error that names the path. */
export async function withStorage<T>(what: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === null) throw thrown;
    const [reason, remedy] = REASONS[code] ?? [code, 'Check the disk and the path.'];
    throw new WorkbenchError('storage', `${what}: ${reason}.`, {
      where: path,
      remedy,
      details: String(thrown),
    });
  }
}

/** `ENOENT` and the like, or null where the error is not one of the operating system. */
export function systemErrorCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
