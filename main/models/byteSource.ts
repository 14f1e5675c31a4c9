/** Opens a model file for reading at any place, gunzipped where it is gzip. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { WorkbenchError } from '../../core/errors';
import { MemoryBudget } from './memoryBudget';
import { refused } from './refused';

export interface ByteSource {
  /** Path as the person gave it. */
  readonly file: string;
  /** Bytes that can be read, after decompression. */
  readonly size: number;
  /** Bytes on disk. */
  readonly fileBytes: number;
  /** Of the bytes on disk, hexadecimal. */
  readonly sha256: string;
  readonly budget: MemoryBudget;
  /**
   * @param place what is read, for the refusal
   * @throws WorkbenchError `refused-file` where the file ends before that
   */
  read(offset: number, length: number, place: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Twenty times the largest network here; so much is hashed in about a second. */
const MOST_FILE_BYTES = 2 ** 30;

/**
 * @throws WorkbenchError `unknown-name` where there is no file, `storage` where it cannot be read,
 *   `refused-file` where it is no regular file, too large or broken gzip
 */
export async function openSource(file: string): Promise<ByteSource> {
  const handle = await openFile(file);
  try {
    const { size: fileBytes } = await handle.stat();
    if (fileBytes > MOST_FILE_BYTES) {
      const limit = `it has ${fileBytes} bytes; at most ${MOST_FILE_BYTES} are read`;
      throw refused(file, 'the whole', limit, 'Save the weights without optimizer and training state.');
    }
    const budget = new MemoryBudget(file, fileBytes);
    const sha256 = await hashRange(handle, 0, fileBytes);
    if (await isGzip(handle)) {
      const bytes = await gunzip(handle, file, fileBytes, budget);
      await handle.close();
      return memorySource(bytes, { file, fileBytes, sha256, budget });
    }
    const about = { file, fileBytes, sha256, budget, size: fileBytes };
    return { ...about, read: readerOf(handle, file, fileBytes), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw asStorageError(error, file);
  }
}

const WINDOW_BYTES = 2 ** 16;

/** Short reads, of which some formats need thousands, are answered from a window that was read at once. */
function readerOf(handle: FileHandle, file: string, fileBytes: number): ByteSource['read'] {
  let window = new Uint8Array(0);
  let windowOffset = 0;
  return async (offset, length, place) => {
    requireRange(file, fileBytes, offset, length, place);
    if (length >= WINDOW_BYTES) return readFrom(handle, file, offset, length, place);
    if (offset < windowOffset || offset + length > windowOffset + window.length) {
      window = await readFrom(handle, file, offset, Math.min(WINDOW_BYTES, fileBytes - offset), place);
      windowOffset = offset;
    }
    return window.slice(offset - windowOffset, offset - windowOffset + length);
  };
}

/** Bytes that are in memory already, as if they were a file. */
export function memorySource(
  bytes: Uint8Array,
  about: Pick<ByteSource, 'file' | 'fileBytes' | 'sha256' | 'budget'>,
): ByteSource {
  return {
    ...about,
    size: bytes.length,
    read: async (offset, length, place) => {
      requireRange(about.file, bytes.length, offset, length, place);
      return bytes.subarray(offset, offset + length);
    },
    close: async () => {},
  };
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    // A pipe would block in open, so look before.
    if (!(await stat(file)).isFile()) throw refused(file, 'the whole', 'it is no regular file');
    return await open(file, 'r');
  } catch (error) {
    throw asStorageError(error, file);
  }
}

function asStorageError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const code = 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new WorkbenchError('unknown-name', `There is no file ${file}.`, {
      where: file,
      remedy: 'Correct the path.',
    });
  }
  return new WorkbenchError('storage', `${file} cannot be read (${code}).`, {
    where: file,
    remedy: 'Check the rights and the disk.',
  });
}

function requireRange(file: string, size: number, offset: number, length: number, place: string): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw refused(file, place, `bytes ${offset} to ${offset + length} are asked of a file of ${size} bytes`);
  }
}

async function readFrom(
  handle: FileHandle,
  file: string,
  offset: number,
  length: number,
  place: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw refused(file, place, 'it became shorter while it was read');
    filled += bytesRead;
  }
  return bytes;
}

/** SHA-256 of `length` bytes from `offset`. */
async function hashRange(handle: FileHandle, offset: number, length: number): Promise<string> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(2 ** 20);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, length - done), offset + done);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    done += bytesRead;
  }
  return hash.digest('hex');
}

async function isGzip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/**
 * Unpacks one gzip member. Its trailer tells the size, which is asked of the budget before anything is
 * unpacked; what comes out must be exactly that.
 */
async function gunzip(
  handle: FileHandle,
  file: string,
  fileBytes: number,
  budget: MemoryBudget,
): Promise<Uint8Array> {
  if (fileBytes < 18) throw refused(file, 'the whole', 'it is too short for gzip');
  const trailer = await readFrom(handle, file, fileBytes - 4, 4, 'the gzip trailer');
  const expected = new DataView(trailer.buffer).getUint32(0, true);
  budget.take(expected, `the gzip trailer, which claims ${expected} bytes`);
  const target = new Uint8Array(expected);
  let filled = 0;
  const collect = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (filled + chunk.length > expected) {
        return done(refused(file, 'the gzip trailer', 'it unpacks to more than its trailer says'));
      }
      target.set(chunk, filled);
      filled += chunk.length;
      done();
    },
  });
  try {
    const packed = handle.createReadStream({ start: 0, autoClose: false });
    await pipeline(packed, createGunzip({ chunkSize: 2 ** 18 }), collect);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw refused(file, `unpacked byte ${filled}`, `its gzip data are broken (${error.message})`);
    }
    throw error;
  }
  if (filled !== expected) {
    throw refused(file, 'the gzip trailer', `it unpacks to ${filled} bytes and its trailer says ${expected}`);
  }
  return target;
}
