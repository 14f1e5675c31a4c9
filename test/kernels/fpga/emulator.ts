import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverEnvironment } from '../../../setup/driverEnvironment.mjs';
import { cacheFolder } from '../../../setup/folders.mjs';

/** What a process needs to see the emulator and no other driver; null where it is not installed. */
export function emulatorEnvironment(): Record<string, string> | null {
  const folder = join(cacheFolder, 'opencl/fpga-emulator');
  const description = join(folder, 'driver.json');
  if (!existsSync(description)) return null;
  return driverEnvironment(folder, JSON.parse(readFileSync(description, 'utf8')));
}

/**
 * Makes this process such a one; to be called before the first use of the addon. A test file has a process of
 * its own.
 * @returns whether the emulator is installed
 */
export function enterEmulator(): boolean {
  const environment = emulatorEnvironment();
  Object.assign(process.env, environment);
  return environment !== null;
}
