/** Reading a file that a stranger may have made: its size is looked at before memory is taken. */
import { open, stat } from 'node:fs/promises';
import { WorkbenchError } from '../../core/errors';

/** The largest file, and the largest split, that is read into memory. */
export const MAX_BYTES = 2 ** 30;

/** The one way in which the readers refuse a file. */
export function refusal(file: string, place: string, reason: string): WorkbenchError {
  return new WorkbenchError('refused-file', reason, {
    where: `${file}, ${place}`,
    remedy: 'Get the file again from where the data set is published.',
  });
}

/** Bytes of a regular file. @throws WorkbenchError `refused-file` */
export async function regularFileBytes(file: string): Promise<number> {
  const found = await stat(file);
  if (!found.isFile()) throw refusal(file, 'file', 'This is not a regular file.');
  if (found.size > MAX_BYTES) {
    throw refusal(file, 'file', `The file has ${found.size} bytes; at most ${MAX_BYTES} are read.`);
  }
  return found.size;
}

/**
 * The whole of a regular file of at most `maxBytes`.
 * @throws WorkbenchError `refused-file`
 */
export async function readBoundedFile(file: string, maxBytes: number): Promise<Buffer> {
  const bytes = await regularFileBytes(file);
  if (bytes > maxBytes) {
    throw refusal(file, 'file', `The file has ${bytes} bytes; at most ${maxBytes} belong in it.`);
  }
  return Buffer.from((await readBytes(file, bytes)).buffer);
}

/**
 * The first `bytes` bytes of a file that was seen to have as many.
 * @throws WorkbenchError `refused-file`
 */
export async function readBytes(file: string, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(bytes);
  const handle = await open(file, 'r');
  try {
    let filled = 0;
    while (filled < bytes) {
      const { bytesRead } = await handle.read(buffer, filled, bytes - filled, filled);
      if (bytesRead === 0)
        throw refusal(file, `byte ${filled}`, 'The file became shorter while it was read.');
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return buffer;
}
