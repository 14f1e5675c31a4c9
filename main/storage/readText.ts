/** Reading JSON that somebody else may have written: limits first, memory after. */
import { open, stat } from 'node:fs/promises';
import { WorkbenchError } from '../../core/errors';
import { formatBytes, formatCount } from '../../core/report/format';
import { withStorage } from './storageErrors';

/** A session of a thousand runs of 10,000 images has about 200 MB. */
const MOST_BYTES = 256 * 2 ** 20;
/** Lists and objects take many times more memory than their two bytes of text. */
const MOST_STRUCTURES = 2_000_000;
/** JSON.parse and the checks after it call themselves for each level. */
const DEEPEST = 64;

/**
 * The bytes of a regular file within a limit.
 * @throws WorkbenchError `storage`, `refused-file`
 */
export async function readBounded(path: string, mostBytes = MOST_BYTES): Promise<Buffer> {
  return withStorage('The file could not be read', path, async () => {
    // Before it is opened: to open a pipe can take for ever.
    const stats = await stat(path);
    if (!stats.isFile()) throw refused(path, 'it is no regular file');
    if (stats.size > mostBytes) {
      throw refused(path, `it has ${formatBytes(stats.size)}; at most ${formatBytes(mostBytes)} are read`);
    }
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(stats.size);
      let done = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
        done += bytesRead;
        if (bytesRead === 0) return bytes.subarray(0, done);
      }
    } finally {
      await file.close();
    }
  });
}

/**
 * The text of a JSON file that is neither too large, too deep nor too finely cut to be parsed.
 * @throws WorkbenchError `storage`, `refused-file`
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBounded(path);
  requirePlainStructure(bytes, path);
  return bytes.toString('utf8');
}

/**
 * For JSON that came inside another file.
 * @throws WorkbenchError `refused-file` where it is too deep or too finely cut to be parsed
 */
export function requirePlainStructure(json: Buffer, path: string): void {
  const excess = structuralExcess(json);
  if (excess) throw refused(path, excess);
}

function structuralExcess(bytes: Buffer): string | null {
  let structures = 0;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      structures++;
      depth++;
      if (structures > MOST_STRUCTURES)
        return `it has more than ${formatCount(MOST_STRUCTURES)} lists and objects`;
      if (depth > DEEPEST) return `its lists and objects are nested more than ${DEEPEST} deep`;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return null;
}

function refused(path: string, reason: string): WorkbenchError {
  return new WorkbenchError('refused-file', `The file cannot be read: ${reason}.`, {
    where: path,
    remedy: 'Open another file. This one was not changed.',
  });
}
