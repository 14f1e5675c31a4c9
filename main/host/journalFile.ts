/**
 * The journal on disk: one record a line,
 *
 *   <first 16 hex digits of the SHA-256 of the JSON> <bytes of the JSON> <JSON> LF
 *
 * Only appended to, each record synced before it counts. What is not whole at the end (a torn tail), and all
 * that follows a damaged record, is never read.
 */
import { createHash } from 'node:crypto';
import { WorkbenchError } from '../../core/errors';
import { describeIssue } from '../../core/session/document';
import { type JournalRecord, journalRecordSchema } from '../../core/session/journal';
import { disk, type FileOperations, type OpenFile, writeAll } from '../storage/fileOperations';
import { readBounded, requirePlainStructure } from '../storage/readText';
import { withStorage } from '../storage/storageErrors';

const HEAD = /^([0-9a-f]{16}) (\d{1,10}) $/;
const LONGEST_HEAD = 16 + 1 + 10 + 1;
const LINE_FEED = 0x0a;

export function encodeRecord(record: JournalRecord): Buffer {
  return encodeJson(Buffer.from(JSON.stringify(record)));
}

/** The line of a record whose JSON is given, whatever it says. */
export function encodeJson(json: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${digestOf(json)} ${json.length} `), json, Buffer.from('\n')]);
}

/**
 * The whole records from the start.
 * @param path of the journal, for the error
 * @throws WorkbenchError `refused-file` where a record is whole and yet no JSON that may be read
 */
export function decodeRecords(bytes: Buffer, path: string): unknown[] {
  const records: unknown[] = [];
  let offset = 0;
  for (;;) {
    const json = wholeJsonAt(bytes, offset);
    if (!json) return records;
    records.push(parseRecord(json, records.length, path));
    offset = json.byteOffset - bytes.byteOffset + json.length + 1;
  }
}

/** Whoever made the file can have made the checksum as well. */
function parseRecord(json: Buffer, index: number, path: string): unknown {
  requirePlainStructure(json, path);
  try {
    return JSON.parse(json.toString());
  } catch (thrown) {
    throw recordRefused(index, thrown instanceof Error ? thrown.message : String(thrown), path);
  }
}

function wholeJsonAt(bytes: Buffer, offset: number): Buffer | null {
  // The head ends with the second space, or is not whole.
  const firstSpace = bytes.indexOf(' ', offset);
  const secondSpace = bytes.indexOf(' ', firstSpace + 1);
  if (firstSpace < 0 || secondSpace < 0 || secondSpace >= offset + LONGEST_HEAD) return null;
  const start = secondSpace + 1;
  const head = HEAD.exec(bytes.toString('latin1', offset, start));
  if (!head) return null;
  const end = start + Number(head[2]);
  if (bytes[end] !== LINE_FEED) return null;
  const json = bytes.subarray(start, end);
  return digestOf(json) === head[1] ? json : null;
}

function digestOf(json: Buffer): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}

/** @throws WorkbenchError `storage`, `refused-file` */
export async function readJournal(path: string): Promise<JournalRecord[]> {
  return decodeRecords(await readBounded(path), path).map((record, i) => checkRecord(record, i, path));
}

function checkRecord(value: unknown, index: number, path: string): JournalRecord {
  const parsed = journalRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw recordRefused(index, describeIssue(parsed.error), path);
}

function recordRefused(index: number, reason: string, path: string): WorkbenchError {
  return new WorkbenchError('refused-file', `Record ${index + 1} of the journal cannot be read: ${reason}.`, {
    where: path,
    remedy: 'Open it with the version that wrote it. The file was not changed.',
  });
}

/** Appends records. One writer a file; the session's lock sees to that. */
export class JournalWriter {
  private constructor(
    private readonly path: string,
    private readonly file: OpenFile,
    private wholeBytes: number,
  ) {}

  /** @throws WorkbenchError `storage`, also where the file exists */
  static async create(path: string, files: FileOperations = disk): Promise<JournalWriter> {
    const file = await withStorage('The journal could not be made', path, () => files.open(path, 'wx'));
    return new JournalWriter(path, file, 0);
  }

  /**
   * Returns when the record is on disk. A record that did not arrive whole is cut off again, so that a later
   * one can follow.
   * @throws WorkbenchError `storage`
   */
  async append(record: JournalRecord): Promise<void> {
    const bytes = encodeRecord(record);
    await withStorage('The journal could not be written', this.path, async () => {
      try {
        await writeAll(this.file, bytes, this.wholeBytes);
        await this.file.datasync();
      } catch (thrown) {
        // Where even this fails, the next record is written over what is there.
        await this.file.truncate(this.wholeBytes).catch(() => undefined);
        throw thrown;
      }
    });
    this.wholeBytes += bytes.length;
  }

  /** @throws WorkbenchError `storage` */
  async close(): Promise<void> {
    await withStorage('The journal could not be closed', this.path, () => this.file.close());
  }
}
