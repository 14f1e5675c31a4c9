/**
 * The file that counts the failures of devices. One that cannot be read is told, never taken for an empty one; one
 * that is damaged is kept under another name before the next is written.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import { describeIssue } from '../../core/session/document';
import { makeFolders } from '../storage/makeFolders';
import { readBounded, requirePlainStructure } from '../storage/readText';
import { systemErrorCode, withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';

const recordSchema = z.record(
  z.string(),
  z.object({ failures: z.number().int().min(1), lastAt: z.iso.datetime(), lastMessage: z.string() }),
);
export type Count = z.infer<typeof recordSchema>[string];
/** By device id. A map, as an id may be any text. */
export type Failures = Map<string, Count>;

export interface Kept {
  failures: Failures;
  /** Why they cannot be told; then there are none. */
  fault: WorkbenchError | null;
  /** What a damaged file holds. */
  damaged: Buffer | null;
}

/** Far more than devices can fill. */
const MOST_BYTES = 2 ** 22;

export class FailuresFile {
  constructor(readonly path: string) {}

  async load(): Promise<Kept> {
    const kept: Kept = { failures: new Map(), fault: null, damaged: null };
    if (!(await isThere(this.path))) return kept;
    try {
      const bytes = await readBounded(this.path, MOST_BYTES);
      try {
        return { ...kept, failures: parse(bytes, this.path) };
      } catch (thrown) {
        return { ...kept, fault: this.damage(thrown), damaged: bytes };
      }
    } catch (thrown) {
      if (thrown instanceof WorkbenchError) return { ...kept, fault: this.unreadable(thrown) };
      throw thrown;
    }
  }

  /**
   * Changes what is there. A file that cannot be read is not replaced.
   * @throws WorkbenchError `storage`
   */
  async change(action: (failures: Failures) => void): Promise<void> {
    const { failures, fault, damaged } = await this.load();
    if (damaged) await writeAtomic(this.keptPath(damaged), [damaged]);
    else if (fault) throw fault;
    action(failures);
    const folder = dirname(this.path);
    await withStorage('The settings could not be written', folder, () => makeFolders(folder));
    await writeAtomic(this.path, `${JSON.stringify(Object.fromEntries(failures), null, 2)}\n`);
  }

  /** The damaged ones that were kept. */
  async damagedFiles(): Promise<string[]> {
    const folder = dirname(this.path);
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name.startsWith(this.keptStart)).map((name) => join(folder, name));
  }

  /** Beside the file. The name tells the content, so that two programs keep the same file once. */
  private keptPath(damaged: Buffer): string {
    const digest = createHash('sha256').update(damaged).digest('hex').slice(0, 12);
    return join(dirname(this.path), `${this.keptStart}${digest}.json`);
  }

  private get keptStart(): string {
    return `${basename(this.path, '.json')}.damaged-`;
  }

  private damage(thrown: unknown): WorkbenchError {
    return new WorkbenchError('storage', `The list of failing devices is damaged: ${reasonOf(thrown)}.`, {
      where: this.path,
      remedy:
        'Repair the file, or delete it. The next failure begins a new one and keeps this one beside it.',
    });
  }

  private unreadable({ message, details }: WorkbenchError): WorkbenchError {
    return new WorkbenchError('storage', message, {
      where: this.path,
      remedy: 'Make the file readable, or move it away.',
      details,
    });
  }
}

/** Whether anything is there, readable or not. */
function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (thrown: unknown) => systemErrorCode(thrown) !== 'ENOENT',
  );
}

function parse(bytes: Buffer, path: string): Failures {
  requirePlainStructure(bytes, path);
  return new Map(Object.entries(recordSchema.parse(JSON.parse(bytes.toString('utf8')))));
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof z.ZodError) return describeIssue(thrown);
  return thrown instanceof Error ? thrown.message.replace(/\.$/, '') : String(thrown);
}
