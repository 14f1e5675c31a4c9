/**
 * Who writes to a session, or builds in a folder: a file there that names the process. A process that died leaves it behind, so
 * the file counts only while that very process lives.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import { disk, type FileOperations, writeAll } from '../storage/fileOperations';
import { systemErrorCode, withStorage } from '../storage/storageErrors';

const ownerSchema = z.object({
  pid: z.number().int(),
  machine: z.string(),
  /** When the process started, by the system's clock ticks; null where the system does not tell. */
  startTicks: z.string().nullable(),
});
type Owner = z.infer<typeof ownerSchema>;

/** A lock without an owner is one that is being made, unless it is older. */
const MAKING_MS = 10_000;

/** What a refusal says of the lock. */
interface LockWords {
  taken: string;
  /** Where the lock's file cannot be written. */
  failed: string;
}

const SESSION: LockWords = {
  taken: 'Another program is writing to this session.',
  failed: 'The session could not be locked',
};

/** @throws WorkbenchError `storage` where another living process has it */
export async function takeLock(
  path: string,
  files: FileOperations = disk,
  { taken, failed } = SESSION,
): Promise<void> {
  const owner = await lockOwner(path);
  if (owner) throw lockedBy(owner, path, taken);
  await withStorage(failed, path, async () => {
    await removeStale(path, files, taken);
    const file = await files.open(path, 'wx').catch(async (thrown: unknown) => {
      throw systemErrorCode(thrown) === 'EEXIST' ? lockedBy(await lockOwner(path), path, taken) : thrown;
    });
    try {
      await writeAll(file, Buffer.from(JSON.stringify(thisProcess())), 0);
    } finally {
      await file.close();
    }
  });
}

/**
 * Removes the lock of a process that is no more. Another program may do so at the same time and lock the session
 * then: so it is put aside first and looked at, and put back where it is that program's.
 */
async function removeStale(path: string, files: FileOperations, taken: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) return;
  const isWritten = parseOwner(await readFile(path, 'utf8')) !== null;
  if (!isWritten && Date.now() - found.mtimeMs < MAKING_MS) throw lockedBy(null, path, taken);
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await files.rename(path, aside);
  const owner = await lockOwner(aside);
  if (owner) {
    await files.rename(aside, path);
    throw lockedBy(owner, path, taken);
  }
  await files.remove(aside);
}

export async function releaseLock(path: string, files: FileOperations = disk): Promise<void> {
  await withStorage('The session could not be unlocked', path, () => files.remove(path));
}

/** The living process that holds the lock, or null. */
export async function lockOwner(path: string): Promise<Owner | null> {
  const text = await withStorage('The lock could not be read', path, () =>
    readFile(path, 'utf8').catch((thrown: unknown) => {
      if (systemErrorCode(thrown) === 'ENOENT') return null;
      throw thrown;
    }),
  );
  if (text === null) return null;
  const owner = parseOwner(text);
  return owner && isAlive(owner) ? owner : null;
}

/** Null for a file that its writer never finished. */
function parseOwner(text: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  // Nothing can be learned about a process of another machine that shares the folder.
  if (owner.machine !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (thrown) {
    return systemErrorCode(thrown) === 'EPERM';
  }
  return owner.startTicks === startTicks(owner.pid);
}

function thisProcess(): Owner {
  return { pid: process.pid, machine: hostname(), startTicks: startTicks(process.pid) };
}

/** Tells a process from a later one with the same number. Linux only: field 22 of /proc/PID/stat. */
function startTicks(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the program's name, may hold spaces and parentheses; the third one follows it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** @param owner null where it has not said yet who it is */
function lockedBy(owner: Owner | null, path: string, taken: string): WorkbenchError {
  return new WorkbenchError('storage', taken, {
    where: path,
    remedy: owner
      ? `End process ${owner.pid} on ${owner.machine}, or wait until it is done.`
      : 'Try again in a moment.',
  });
}
