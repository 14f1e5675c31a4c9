/** Files that a page hands over: models and sessions to import. They lie in a folder of their own until the end. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WorkbenchError } from '../../core/errors';
import { formatBytes } from '../../core/report/format';
import { withStorage } from '../storage/storageErrors';
import { LIMITS } from './limits';

export class Uploads {
  private bytes = 0;
  private files = 0;

  private constructor(private readonly folder: string) {}

  static async create(): Promise<Uploads> {
    // Readable by nobody else.
    return new Uploads(await mkdtemp(join(tmpdir(), 'bnnw-uploads-')));
  }

  /**
   * @param name as the browser has it, in an address
   * @returns where the file lies
   * @throws WorkbenchError `usage` where it is too large or does not arrive whole, `storage`
   */
  async receive(request: IncomingMessage, name: string): Promise<string> {
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    if (!Number.isSafeInteger(announced) || announced < 0) throw refused('its size is not announced');
    if (announced > LIMITS.uploadBytes) throw refused(`at most ${formatBytes(LIMITS.uploadBytes)} are taken`);
    if (this.bytes + announced > LIMITS.uploadsBytes) {
      throw refused(`${formatBytes(LIMITS.uploadsBytes)} lie here already`);
    }
    // Before anything is awaited, so that two at once do not both fit.
    this.bytes += announced;
    const path = join(this.folder, `${++this.files}-${plainName(name)}`);
    try {
      await withStorage('The file could not be kept', path, () =>
        pipeline(request, counting(announced), createWriteStream(path, { flags: 'wx', mode: 0o600 })),
      );
    } catch (thrown) {
      this.bytes -= announced;
      await rm(path, { force: true });
      throw isAbort(thrown) ? refused('it did not arrive whole') : thrown;
    }
    return path;
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Node's parser holds a body to its announced length; this holds it to ours. */
function counting(announced: number): Transform {
  let arrived = 0;
  return new Transform({
    transform(piece: Buffer, _, pass) {
      arrived += piece.length;
      pass(arrived > announced ? refused('it is longer than announced') : null, piece);
    },
    flush(pass) {
      pass(arrived < announced ? refused('it did not arrive whole') : null);
    },
  });
}

/** A name is shown to the person and its ending tells the format; nothing in it may mean anything to a disk. */
export function plainName(encoded: string): string {
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    name = '';
  }
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '');
  return plain.slice(-100) || 'file';
}

function isAbort(thrown: unknown): boolean {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'code') : null;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}

function refused(reason: string): WorkbenchError {
  return new WorkbenchError('usage', `The file was not taken: ${reason}.`, {
    where: 'upload',
    remedy: 'Give its path to the command line instead: `npx bnnw import`.',
  });
}
