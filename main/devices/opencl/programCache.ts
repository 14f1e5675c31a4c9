/**
 * Compiled programs on disk. An entry is keyed by everything that its content depends on: platform, device,
 * driver version, source and options (one driver loads another's binary and runs it, so all of them count). It
 * begins with the SHA-256 of the rest, and one that does not match is not used: drivers take damaged binaries.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../../core/errors';
import type { Device } from '../../../native';
import { makeFolders } from '../../storage/makeFolders';
import { writeAtomic } from '../../storage/writeAtomic';

const HASH_BYTES = 32;

export class ProgramCache {
  /** @param folder made when something is stored */
  constructor(private readonly folder: string) {}

  key({ info, platform }: Device, source: string, options: string): string {
    const parts = [
      platform.info.name,
      platform.info.version,
      info.name,
      info.version,
      info.driverVersion,
      source,
      options,
    ];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  /** Null where there is no entry, or a damaged one. @throws WorkbenchError `storage` */
  async load(key: string): Promise<Uint8Array | null> {
    const file = await readFile(this.path(key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw this.failure(error);
    });
    if (!file) return null;
    const binary = file.subarray(HASH_BYTES);
    return file.subarray(0, HASH_BYTES).equals(sha256(binary)) ? binary : null;
  }

  /** Replaces the entry in one move, so that no reader sees half of it. @throws WorkbenchError `storage` */
  async store(key: string, binary: Uint8Array): Promise<void> {
    try {
      await makeFolders(this.folder);
      await writeAtomic(this.path(key), [sha256(binary), binary]);
    } catch (error) {
      throw this.failure(error);
    }
  }

  private failure(error: unknown): WorkbenchError {
    return new WorkbenchError('storage', 'The cache of compiled kernels cannot be used', {
      where: this.folder,
      remedy: 'Make this folder writable, free disk space, or set BNNW_HOME to another place.',
      details: error instanceof Error ? error.message : null,
    });
  }

  private path(key: string): string {
    return join(this.folder, `${key}.bin`);
  }
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
