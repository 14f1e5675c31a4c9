import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverEnvironment } from '../../../setup/driverEnvironment.mjs';
import { cacheFolder } from '../../../setup/folders.mjs';

/**
 * Makes this process see the emulator and no other driver; to be called before the first use of the addon. A
 * test file has a process of its own.
 * @returns whether the emulator is installed
 */
export function enterEmulator(): boolean {
  const folder = join(cacheFolder, 'opencl/fpga-emulator');
  const description = join(folder, 'driver.json');
  if (!existsSync(description)) return false;
  Object.assign(process.env, driverEnvironment(folder, JSON.parse(readFileSync(description, 'utf8'))));
  return true;
}
