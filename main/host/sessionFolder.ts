/**
 * The folder of one session: `journal` and `lock` while a job writes, `session.json` once it is closed. A journal
 * without a living writer is that of a program that was killed: everything in it can be read, and opening it
 * closes it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { checkSession, formatSession, parseSession } from '../../core/session/document';
import { type JournalRecord, SessionBuilder, type SessionHeader } from '../../core/session/journal';
import type { SessionDocument } from '../../core/session/schema';
import type { FileOperations } from '../storage/fileOperations';
import { readText } from '../storage/readText';
import { withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import { readJournal } from './journalFile';
import { releaseLock, takeLock } from './sessionLock';

export interface SessionFiles {
  folder: string;
  document: string;
  journal: string;
  lock: string;
}

export function filesOf(root: string, id: string): SessionFiles {
  const folder = join(root, id);
  return {
    folder,
    document: join(folder, 'session.json'),
    journal: join(folder, 'journal'),
    lock: join(folder, 'lock'),
  };
}

/**
 * What a journal adds up to, or null where there is none that had begun: its program was killed before its first
 * record was acknowledged. A journal is as new as the document beside it, or newer.
 */
export async function readBegun(path: string): Promise<SessionBuilder | null> {
  if (!existsSync(path)) return null;
  const [first, ...rest] = await readJournal(path).catch((thrown: unknown) => {
    // Its writer may have closed the session just now.
    if (existsSync(path)) throw thrown;
    return [];
  });
  if (!first) return null;
  try {
    const builder = new SessionBuilder(startOf(first));
    for (const record of rest) builder.apply(record);
    return builder;
  } catch (thrown) {
    if (thrown instanceof WorkbenchError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new WorkbenchError('refused-file', `The journal contradicts itself: ${reason}.`, { where: path });
  }
}

function startOf(first: JournalRecord): SessionHeader | SessionDocument {
  switch (first.kind) {
    case 'opened':
      return first.header;
    case 'resumed':
      return first.document;
    default:
      throw new Error(`it begins with ${first.kind}`);
  }
}

export async function readClosed(files: SessionFiles): Promise<SessionDocument> {
  requireDocument(files);
  return parseSession(await readText(files.document), files.document);
}

export function requireDocument(files: SessionFiles): void {
  if (existsSync(files.document)) return;
  throw new WorkbenchError('refused-file', 'The journal ends before its first record.', {
    where: files.journal,
    remedy: 'The program was killed before the session had begun: delete the session.',
  });
}

/** The document of a session whose lock is held, without a journal beside it. */
export async function closed(files: SessionFiles, system: FileOperations): Promise<SessionDocument> {
  const begun = await readBegun(files.journal);
  if (begun) {
    const document = begun.interruptedDocument();
    await finish(files, checkSession(document, files.journal), system);
    return document;
  }
  const document = await readClosed(files);
  await withStorage('The journal could not be removed', files.journal, () => system.remove(files.journal));
  return document;
}

/** Does what the killed program could not do any more. */
export async function closeInterrupted(
  files: SessionFiles,
  begun: SessionBuilder,
  system: FileOperations,
): Promise<SessionDocument> {
  try {
    await takeLock(files.lock, system);
    try {
      // Another program may have closed or resumed it since it was read.
      return await closed(files, system);
    } finally {
      await releaseLock(files.lock, system);
    }
  } catch (thrown) {
    // A session on a disk that cannot be written can still be read; it stays a journal.
    if (!(thrown instanceof WorkbenchError && thrown.kind === 'storage')) throw thrown;
    return checkSession(begun.interruptedDocument(), files.journal);
  }
}

export async function finish(
  files: SessionFiles,
  document: SessionDocument,
  system: FileOperations,
): Promise<void> {
  await writeAtomic(files.document, formatSession(document), system);
  await withStorage('The journal could not be removed', files.journal, () => system.remove(files.journal));
}
