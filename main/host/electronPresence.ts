import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../setup/folders.mjs';
import { applicationRoot } from '../applicationRoot';

/** The Electron that `npm start` would open the window in, in the order in which it looks; null for none. */
export function findElectron(): string | null {
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, electronOfNpm(), electronOfCache()];
  for (const folder of folders) {
    if (!folder) continue;
    const executable = ['electron', 'electron.exe', 'Electron.app/Contents/MacOS/Electron']
      .map((name) => join(folder, name))
      .find(existsSync);
    if (executable) return executable;
  }
  return null;
}

/** npm's package writes path.txt when its download is complete. */
function electronOfNpm(): string | null {
  const folder = join(applicationRoot(), 'node_modules', 'electron');
  const isComplete =
    existsSync(join(folder, 'path.txt')) && readFileSync(join(folder, 'path.txt'), 'utf8') !== '';
  return isComplete ? join(folder, 'dist') : null;
}

function electronOfCache(): string | null {
  const folder = join(cacheFolder, 'electron');
  if (!existsSync(folder)) return null;
  const version = readdirSync(folder).find((name) => /^\d/.test(name));
  return version === undefined ? null : join(folder, version);
}
