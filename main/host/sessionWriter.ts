import { type JournalRecord, SessionBuilder, type SessionHeader } from '../../core/session/journal';
import type { SessionDocument } from '../../core/session/schema';
import type { FileOperations } from '../storage/fileOperations';
import type { JournalWriter } from './journalFile';
import { finish, type SessionFiles } from './sessionFolder';
import { releaseLock } from './sessionLock';

/** The session that a job writes. */
export class SessionWriter {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  private readonly builder: SessionBuilder;

  constructor(
    start: SessionHeader | SessionDocument,
    private readonly files: SessionFiles,
    private readonly journal: JournalWriter,
    private readonly system: FileOperations,
    private readonly forget: () => void,
  ) {
    this.id = start.id;
    this.name = start.name;
    this.path = files.document;
    this.builder = new SessionBuilder(start);
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
