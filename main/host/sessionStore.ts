/** Sessions on disk, a folder each (see sessionFolder.ts): made, listed, opened, labelled, deleted, restored. */
import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeletedSession, SessionSummary } from '../../core/contract/host';
import { describeError, WorkbenchError } from '../../core/errors';
import { deviceLabel } from '../../core/report/deviceLabel';
import {
  formatSession,
  type RunFacts,
  type SessionContents,
  summarizeSession,
} from '../../core/session/document';
import type { JournalRecord, SessionHeader } from '../../core/session/journal';
import { type Labelling, SESSION_VERSION, type SessionDocument } from '../../core/session/schema';
import { unfinishedCells } from '../../core/session/unfinished';
import { disk, type FileOperations } from '../storage/fileOperations';
import { readText } from '../storage/readText';
import { withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import { JournalWriter } from './journalFile';
import { nearest } from './nearest';
import {
  closed,
  closeInterrupted,
  filesOf,
  readBegun,
  readClosed,
  requireDocument,
  type SessionFiles,
} from './sessionFolder';
import { lockOwner, releaseLock, takeLock } from './sessionLock';
import { SessionWriter } from './sessionWriter';

/** Folder names, so nothing that could leave the folder. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** How long a deleted session can be restored. */
const KEPT_DAYS = 30;

export class SessionStore {
  private readonly writers = new Map<string, SessionWriter>();
  /** The last document that was read, with what says that its file has not changed since. */
  private lastRead: { stamp: string; document: SessionDocument } | null = null;
  /** What the list last read of each document, by its path. */
  private readonly known = new Map<string, { mtimeMs: number; size: number; contents: SessionContents }>();

  constructor(
    readonly folder: string,
    private readonly system: FileOperations = disk,
  ) {}

  /**
   * Opens a new session.
   * @throws WorkbenchError `storage`
   */
  async create(header: Omit<SessionHeader, 'format' | 'version' | 'id'>): Promise<SessionWriter> {
    const id = freshId(header.createdAt);
    const files = filesOf(this.folder, id);
    const complete: SessionHeader = {
      format: 'bnn-workbench-session',
      version: SESSION_VERSION,
      id,
      ...header,
    };
    try {
      await this.makeFolder(files);
      await takeLock(files.lock, this.system);
      const journal = await this.beginJournal(files, { kind: 'opened', header: complete });
      return this.writer(complete, files, journal);
    } catch (thrown) {
      // Nothing of it was acknowledged. Where even this fails, the first failure is the one to tell.
      await this.system.remove(files.folder).catch(() => undefined);
      throw thrown;
    }
  }

  /**
   * Goes on with a closed or interrupted session. Its document stays as it is until the writer is closed; the
   * journal beside it is what counts until then.
   * @throws WorkbenchError `unknown-name`, `refused-file`, `storage`, also where a job writes to it
   */
  async resume(id: string): Promise<SessionWriter> {
    const files = await this.find(id);
    await takeLock(files.lock, this.system);
    try {
      const document = await closed(files, this.system);
      const journal = await this.beginJournal(files, { kind: 'resumed', document });
      return this.writer(document, files, journal);
    } catch (thrown) {
      await releaseLock(files.lock, this.system).catch(() => undefined);
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
   * A running session as it is now; an interrupted one is closed by this, with its unfinished runs among the
   * failures.
   * @throws WorkbenchError `unknown-name`, `refused-file`, `storage`
   */
  async open(id: string): Promise<SessionDocument> {
    const files = await this.find(id);
    const writer = this.writers.get(id);
    if (writer) return writer.document();
    const begun = await readBegun(files.journal);
    if (!begun) return this.readDocument(files);
    if (await lockOwner(files.lock)) return begun.document();
    return closeInterrupted(files, begun, this.system);
  }

  /**
   * Writes what a person says of a session into it.
   * @throws WorkbenchError `unknown-name`, `refused-file`, `storage` where a job still writes to it
   */
  async label(id: string, change: Partial<Labelling>): Promise<void> {
    const files = await this.find(id);
    await takeLock(files.lock, this.system);
    try {
      // Read under the lock: another window may have written to it since this one showed it.
      const document = await closed(files, this.system);
      await writeAtomic(files.document, formatSession({ ...document, ...change }), this.system);
    } finally {
      await releaseLock(files.lock, this.system);
    }
  }

  /**
   * Keeps a document that was not measured by a job of this store.
   * @returns its id: the document's own, unless another session has it
   * @throws WorkbenchError `storage`
   */
  async adopt(document: SessionDocument): Promise<string> {
    const free = SESSION_ID.test(document.id) && !existsSync(filesOf(this.folder, document.id).folder);
    const id = free ? document.id : freshId(document.createdAt);
    const files = filesOf(this.folder, id);
    try {
      await this.makeFolder(files);
      await writeAtomic(files.document, formatSession({ ...document, id }), this.system);
    } catch (thrown) {
      await this.system.remove(files.folder).catch(() => undefined);
      throw thrown;
    }
    return id;
  }

  /**
   * Sets a session aside, and removes for good what was set aside {@link KEPT_DAYS} days ago.
   * @throws WorkbenchError `unknown-name`, `storage` where a job still writes to it
   */
  async delete(id: string): Promise<void> {
    const files = await this.find(id);
    await takeLock(files.lock, this.system);
    await withStorage('The session could not be deleted', files.folder, async () => {
      await this.system.makeFolder(this.deletedFolder, { recursive: true });
      await this.system.remove(join(this.deletedFolder, id));
      await this.system.rename(files.folder, join(this.deletedFolder, id));
    });
    for (const { id: old, deletedAt } of await this.listDeleted()) {
      const ageMs = Date.now() - Date.parse(deletedAt);
      if (ageMs > KEPT_DAYS * 24 * 3600 * 1000) await this.system.remove(join(this.deletedFolder, old));
    }
  }

  /** @throws WorkbenchError `unknown-name` where it is not among the deleted ones, `storage` */
  async restore(id: string): Promise<void> {
    const from = join(this.deletedFolder, id);
    const files = filesOf(this.folder, id);
    if (!SESSION_ID.test(id) || !existsSync(from) || existsSync(files.folder)) {
      throw new WorkbenchError('unknown-name', `No deleted session ${id} is kept.`, {
        where: this.deletedFolder,
      });
    }
    await withStorage('The session could not be restored', from, async () => {
      await this.system.rename(from, files.folder);
      await releaseLock(files.lock, this.system);
    });
  }

  /** Those that can be restored, the last deleted first. */
  async listDeleted(): Promise<DeletedSession[]> {
    if (!existsSync(this.deletedFolder)) return [];
    const names = await withStorage('The sessions could not be listed', this.deletedFolder, () =>
      readdir(this.deletedFolder),
    );
    const found = await Promise.all(
      names
        .filter((name) => SESSION_ID.test(name))
        .map(async (id) => {
          const { name } = await this.summaryOf(filesOf(this.deletedFolder, id), id, null);
          // The lock that was taken to delete it was the last change in its folder.
          const { mtime } = await stat(join(this.deletedFolder, id));
          return { id, name, deletedAt: mtime.toISOString() };
        }),
    );
    return found.sort((a, b) => (a.deletedAt < b.deletedAt ? 1 : -1));
  }

  /** A face asks for one session several times in a row: its runs, then answers, then a report. */
  private async readDocument(files: SessionFiles): Promise<SessionDocument> {
    requireDocument(files);
    const { mtimeMs, size, ino } = await stat(files.document);
    const stamp = [files.document, mtimeMs, size, ino].join(' ');
    if (this.lastRead?.stamp !== stamp) this.lastRead = { stamp, document: await readClosed(files) };
    return this.lastRead.document;
  }

  /** All finished runs of all sessions, the newest first, without their samples. */
  async pastRuns(): Promise<RunFacts[]> {
    if (!existsSync(this.folder)) return [];
    const ids = (await readdir(this.folder)).filter((name) => SESSION_ID.test(name));
    const contents = await Promise.all(
      // One that cannot be read says so in the list of sessions.
      ids.map((id) => this.contentsOf(filesOf(this.folder, id), false).catch(() => null)),
    );
    const runs = contents.flatMap((each) => each?.runs ?? []);
    return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  }

  private get deletedFolder(): string {
    return `${this.folder}-deleted`;
  }

  private async makeFolder(files: SessionFiles): Promise<void> {
    await withStorage('The session could not be made', files.folder, async () => {
      await this.system.makeFolder(this.folder, { recursive: true });
      await this.system.makeFolder(files.folder);
      await this.system.syncFolder(this.folder);
    });
  }

  private async beginJournal(files: SessionFiles, first: JournalRecord): Promise<JournalWriter> {
    const journal = await JournalWriter.create(files.journal, this.system);
    try {
      await journal.append(first);
      await withStorage('The journal could not be made', files.folder, () =>
        this.system.syncFolder(files.folder),
      );
      return journal;
    } catch (thrown) {
      await journal.close().catch(() => undefined);
      await this.system.remove(files.journal).catch(() => undefined);
      throw thrown;
    }
  }

  private writer(
    start: SessionHeader | SessionDocument,
    files: SessionFiles,
    journal: JournalWriter,
  ): SessionWriter {
    const { id } = start;
    const forget = () => this.writers.delete(id);
    const writer = new SessionWriter(start, files, journal, this.system, forget);
    this.writers.set(id, writer);
    return writer;
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

  private summary(id: string): Promise<SessionSummary> {
    return this.summaryOf(filesOf(this.folder, id), id, this.writers.get(id) ?? null);
  }

  /** The list reads each document anew only where its file has changed. */
  private async contentsOf(files: SessionFiles, open: boolean): Promise<SessionContents> {
    const begun = await readBegun(files.journal);
    if (begun) return open ? begun.document() : begun.interruptedDocument();
    requireDocument(files);
    const { document } = files;
    const { mtimeMs, size } = await stat(document);
    const before = this.known.get(document);
    if (before?.mtimeMs === mtimeMs && before.size === size) return before.contents;
    const contents = summarizeSession(await readText(document), document);
    this.known.set(document, { mtimeMs, size, contents });
    return contents;
  }

  private async summaryOf(
    files: SessionFiles,
    id: string,
    writer: SessionWriter | null,
  ): Promise<SessionSummary> {
    const path = existsSync(files.document) ? files.document : files.folder;
    try {
      const open = writer !== null || (await lockOwner(files.lock)) !== null;
      const contents = writer?.document() ?? (await this.contentsOf(files, open));
      return { id, ...describeContents(contents, open), open, path };
    } catch (thrown) {
      const problem = describeError(thrown).message;
      const counts = { runs: 0, failures: 0, runsLeft: 0 };
      const nothing = { tags: [], note: '', devices: [], models: [], ...counts, interrupted: false };
      return { id, name: id, createdAt: '', ...nothing, open: false, path, problem };
    }
  }
}

function describeContents(contents: SessionContents, open: boolean) {
  const { name, tags = [], note = '', createdAt, runs, failures } = contents;
  const devices = [...new Set(runs.map(({ device }) => deviceLabel(device)))];
  const models = [...new Set(runs.map(({ model }) => model.id))];
  const runsLeft = unfinishedCells(contents).length;
  const counts = { runs: runs.length, failures: failures.length, runsLeft };
  return { name, tags, note, createdAt, devices, models, ...counts, interrupted: !open && runsLeft > 0 };
}

/** Session ids sort by time. */
function freshId(createdAt: string): string {
  return `${createdAt.slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`;
}
