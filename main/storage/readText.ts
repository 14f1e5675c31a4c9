/** Reading JSON that somebody else may have written: limits first, memory after. */
import { open, stat } from 'node:fs/promises';
import { WorkbenchError } from '../../core/errors';
import { formatBytes, formatCount } from '../../core/report/format';
import { withStorage } from './storageErrors';

/** A session of a thousand runs of 10,000 images has about 200 MB. */
const MOST_BYTES = 256 * 2 ** 20;
/**
 * What a session of a thousand runs of 10,000 images needs, and some more: each takes memory and the checks after
 * it take time, many times more for a list or an object than for its two bytes of text.
 */
const MOST_VALUES = 25_000_000;
const MOST_STRUCTURES = 300_000;
/** In one list or object. Names and texts both count as texts. */
const MOST_STRUCTURES_IN_ONE = 10_000;
const MOST_TEXTS_IN_ONE = 20_000;
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

/** The limit that the text of a JSON document passes, or null. One pass, before anything is made of it. */
function structuralExcess(bytes: Buffer): string | null {
  let values = 0;
  let structures = 0;
  let depth = 0;
  // Of the list or object that is open at each depth.
  const structuresIn = new Int32Array(DEEPEST + 1);
  const textsIn = new Int32Array(DEEPEST + 1);
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22:
        if (++textsIn[depth]! > MOST_TEXTS_IN_ONE)
          return tooMany('texts in one list or object', MOST_TEXTS_IN_ONE);
        i = endOfString(bytes, i);
        break;
      case 0x2c:
        if (++values > MOST_VALUES) return tooMany('values', MOST_VALUES);
        break;
      case 0x5b:
      case 0x7b:
        if (++structures > MOST_STRUCTURES) return tooMany('lists and objects', MOST_STRUCTURES);
        if (++structuresIn[depth]! > MOST_STRUCTURES_IN_ONE)
          return tooMany('lists and objects in one', MOST_STRUCTURES_IN_ONE);
        if (++depth > DEEPEST) return `its lists and objects are nested more than ${DEEPEST} deep`;
        structuresIn[depth] = 0;
        textsIn[depth] = 0;
        break;
      case 0x5d:
      case 0x7d:
        depth = Math.max(0, depth - 1);
        break;
    }
  }
  return null;
}

/** @returns the place of the quote that ends the string that begins at `start`, or the text's end */
function endOfString(bytes: Buffer, start: number): number {
  let i = start + 1;
  for (; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
  return i;
}

function tooMany(what: string, most: number): string {
  return `it has more than ${formatCount(most)} ${what}`;
}

function refused(path: string, reason: string): WorkbenchError {
  return new WorkbenchError('refused-file', `The file cannot be read: ${reason}.`, {
    where: path,
    remedy: 'Open another file. This one was not changed.',
  });
}
