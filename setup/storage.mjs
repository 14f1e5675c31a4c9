/** Whether a folder can be written, before work is done for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, storageError } from './steps.mjs';

/**
 * Makes the folder, and writes into it for a try: a full disk still makes folders.
 * @param {string} folder
 * @throws {SetupError} that names the folder and says what to do
 */
export function requireWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    const trial = mkdtempSync(join(folder, '.trial-'));
    try {
      writeFileSync(join(trial, 'file'), Buffer.alloc(4096));
    } finally {
      rmSync(trial, { recursive: true });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw (
      storageError(error, folder) ??
      new SetupError(`${folder} cannot be used: ${reason}`, 'Set BNNW_HOME to another folder.')
    );
  }
}
