/**
 * Sessions on disk, a folder each: `journal` and `lock` while a job writes, `session.json` once it is closed.
 * A journal without a living writer is that of a program that was killed: everything in it can be read, and
 * opening it closes it.
 */
import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionSummary } from '../../core/contract/host';
import { describeError, WorkbenchError } from '../../core/errors';
import {
  checkSession,
  formatSession,
  parseSession,
  type SessionContents,
  summarizeSession,
} from '../../core/session/document';
import { type JournalRecord, SessionBuilder, type SessionHeader } from '../../core/session/journal';
import { SESSION_VERSION, type SessionDocument } from '../../core/session/schema';
import { disk, type FileOperations } from '../storage/fileOperations';
import { readText } from '../storage/readText';
import { withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import { JournalWriter, readJournal } from './journalFile';
import { nearest } from './nearest';
import { lockOwner, releaseLock, takeLock } from './sessionLock';

/** Folder names, so nothing that could leave the folder. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class SessionStore {
  private readonly writers = new Map<string, SessionWriter>();
  /** The last document that was read, with what says that its file has not changed since. */
  private lastRead: { stamp: string; document: SessionDocument } | null = null;

  constructor(
    readonly folder: string,
    private readonly system: FileOperations = disk,
  ) {}

  /**
   * Opens a new session.
   * @throws WorkbenchError `storage`
   */
  async create(header: Omit<SessionHeader, 'format' | 'version' | 'id'>): Promise<SessionWriter> {
    const id = `${header.createdAt.slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`;
    const files = filesOf(this.folder, id);
    const complete: SessionHeader = {
      format: 'bnn-workbench-session',
      version: SESSION_VERSION,
      id,
      ...header,
    };
    try {
      const journal = await this.begin(files, complete);
      const writer = new SessionWriter(complete, files, journal, this.system, () => this.writers.delete(id));
      this.writers.set(id, writer);
      return writer;
    } catch (thrown) {
      // Nothing of it was acknowledged. Where even this fails, the first failure is the one to tell.
      await this.system.remove(files.folder).catch(() => undefined);
      throw thrown;
    }
  }

  documentPath(id: string): string {
    return filesOf(this.folder, id).document;
  }

  async isWritable(): Promise<boolean> {
    return this.system
      .makeFolder(this.folder, { recursive: true })
      .then(() => access(this.folder, constants.W_OK))
      .then(
        () => true,
        () => false,
      );
  }

  /** Newest first. A session that cannot be read is in the list, with its problem. */
  async list(): Promise<SessionSummary[]> {
    if (!existsSync(this.folder)) return [];
    const names = await withStorage('The sessions could not be listed', this.folder, () =>
      readdir(this.folder),
    );
    const ids = names.filter((name) => SESSION_ID.test(name)).sort((a, b) => (a < b ? 1 : -1));
    return Promise.all(ids.map((id) => this.summary(id)));
  }

  /**
   * A running session as it is now; an interrupted one is closed by this, with its unfinished run among the
   * failures.
   * @throws WorkbenchError `unknown-name`, `refused-file`, `storage`
   */
  async open(id: string): Promise<SessionDocument> {
    const files = await this.find(id);
    const writer = this.writers.get(id);
    if (writer) return writer.document();
    if (existsSync(files.document)) return this.read(files.document);
    if (await lockOwner(files.lock)) return (await readOpenJournal(files.journal)).document();
    return closeInterrupted(files, this.system);
  }

  /** @throws WorkbenchError `unknown-name`, `storage` where a job still writes to it */
  async delete(id: string): Promise<void> {
    const files = await this.find(id);
    await takeLock(files.lock, this.system);
    await withStorage('The session could not be deleted', files.folder, () =>
      this.system.remove(files.folder),
    );
  }

  /** A face asks for one session several times in a row: its runs, then answers, then a report. */
  private async read(path: string): Promise<SessionDocument> {
    const { mtimeMs, size, ino } = await stat(path);
    const stamp = [path, mtimeMs, size, ino].join(' ');
    if (this.lastRead?.stamp !== stamp) {
      this.lastRead = { stamp, document: parseSession(await readText(path), path) };
    }
    return this.lastRead.document;
  }

  private async begin(files: SessionFiles, header: SessionHeader): Promise<JournalWriter> {
    const make = (action: () => Promise<void>) =>
      withStorage('The session could not be made', files.folder, action);
    await make(async () => {
      await this.system.makeFolder(this.folder, { recursive: true });
      await this.system.makeFolder(files.folder);
      await this.system.syncFolder(this.folder);
    });
    await takeLock(files.lock, this.system);
    const journal = await JournalWriter.create(files.journal, this.system);
    try {
      await journal.append({ kind: 'opened', header });
      await make(() => this.system.syncFolder(files.folder));
    } catch (thrown) {
      await journal.close().catch(() => undefined);
      throw thrown;
    }
    return journal;
  }

  private async find(id: string): Promise<SessionFiles> {
    const files = filesOf(this.folder, id);
    if (SESSION_ID.test(id) && existsSync(files.folder)) return files;
    const known = (await this.list()).map((summary) => summary.id);
    throw new WorkbenchError('unknown-name', `There is no session ${id}.`, {
      where: this.folder,
      remedy: nearest(id, known),
    });
  }

  private async summary(id: string): Promise<SessionSummary> {
    const files = filesOf(this.folder, id);
    const path = existsSync(files.document) ? files.document : files.folder;
    try {
      const writer = this.writers.get(id);
      const open = writer !== undefined || (await lockOwner(files.lock)) !== null;
      const contents = writer?.document() ?? (await readSummary(files, open));
      const { name, createdAt, runs, failures } = contents;
      return { id, name, createdAt, runs: runs.length, failures: failures.length, open, path };
    } catch (thrown) {
      const problem = describeError(thrown).message;
      return { id, name: id, createdAt: '', runs: 0, failures: 0, open: false, path, problem };
    }
  }
}

/** The session that a job writes. */
export class SessionWriter {
  readonly id: string;
  readonly path: string;
  private readonly builder: SessionBuilder;

  constructor(
    header: SessionHeader,
    private readonly files: SessionFiles,
    private readonly journal: JournalWriter,
    private readonly system: FileOperations,
    private readonly forget: () => void,
  ) {
    this.id = header.id;
    this.path = files.document;
    this.builder = new SessionBuilder(header);
  }

  /** Returns when the record is on disk. @throws WorkbenchError `storage` */
  async append(record: JournalRecord): Promise<void> {
    await this.journal.append(record);
    this.builder.apply(record);
  }

  document(): SessionDocument {
    return this.builder.document();
  }

  /**
   * Writes session.json and removes the journal. Where that fails the journal stays, and is as good.
   * @throws WorkbenchError `storage`
   */
  async close(): Promise<void> {
    this.forget();
    try {
      await this.journal.close();
      await finish(this.files, this.document(), this.system);
    } finally {
      await releaseLock(this.files.lock, this.system);
    }
  }
}

interface SessionFiles {
  folder: string;
  document: string;
  journal: string;
  lock: string;
}

function filesOf(root: string, id: string): SessionFiles {
  const folder = join(root, id);
  return {
    folder,
    document: join(folder, 'session.json'),
    journal: join(folder, 'journal'),
    lock: join(folder, 'lock'),
  };
}

async function readSummary(files: SessionFiles, open: boolean): Promise<SessionContents> {
  if (existsSync(files.document)) return summarizeSession(await readText(files.document), files.document);
  const builder = await readOpenJournal(files.journal);
  return open ? builder.document() : builder.interruptedDocument();
}

async function readOpenJournal(path: string): Promise<SessionBuilder> {
  const [first, ...rest] = await readJournal(path);
  if (first?.kind !== 'opened') {
    throw new WorkbenchError('refused-file', 'The journal ends before its first record.', {
      where: path,
      remedy: 'The program was killed before the session had begun: delete the session.',
    });
  }
  const builder = new SessionBuilder(first.header);
  for (const record of rest) builder.apply(record);
  return builder;
}

/**
 * Reads the journal and does what the killed program could not do any more. Two programs that do it at the same
 * time write the same, so that the lock's moment between looking and taking does no harm.
 */
async function closeInterrupted(files: SessionFiles, system: FileOperations): Promise<SessionDocument> {
  const document = (await readOpenJournal(files.journal)).interruptedDocument();
  checkSession(document, files.journal);
  try {
    await takeLock(files.lock, system);
    try {
      await finish(files, document, system);
    } finally {
      await releaseLock(files.lock, system);
    }
  } catch (thrown) {
    // A session on a disk that cannot be written can still be read; it stays a journal.
    if (!(thrown instanceof WorkbenchError && thrown.kind === 'storage')) throw thrown;
  }
  return document;
}

async function finish(files: SessionFiles, document: SessionDocument, system: FileOperations): Promise<void> {
  await writeAtomic(files.document, formatSession(document), system);
  await withStorage('The journal could not be removed', files.journal, () => system.remove(files.journal));
}
