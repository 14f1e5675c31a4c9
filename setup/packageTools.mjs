/**
 * What electron-builder needs for an AppImage and a deb. It fetches both from one address; where that is out of reach,
 * they are made of what is at hand: squashfs-tools, dpkg-deb, and the start of the AppImage that Electron came in.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOrAdvise } from './apt.mjs';
import { SetupError } from './steps.mjs';

/** @param {string} name @returns {string | null} */
function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** @param {string} name @param {string} debianPackage @returns {Promise<string>} */
async function program(name, debianPackage) {
  if (!onPath(name)) await installOrAdvise(`packages (${name})`, [debianPackage]);
  const found = onPath(name);
  if (found) return found;
  throw new SetupError(`${name} is not installed`, `Install ${debianPackage}, or package another target.`);
}

/**
 * Arranged as electron-builder expects its own download.
 * @param {string} runtime the part of an AppImage that mounts the rest
 * @param {string} folder
 */
async function arrangeAppImageTools(runtime, folder) {
  for (const name of ['linux-x64', 'lib/x64']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(await program('mksquashfs', 'squashfs-tools'), join(folder, 'linux-x64/mksquashfs'));
  // Named by electron-builder, never run by it.
  symlinkSync(onPath('true') ?? '/bin/true', join(folder, 'linux-x64/desktop-file-validate'));
  copyFileSync(runtime, join(folder, 'runtime-x64'));
  chmodSync(join(folder, 'runtime-x64'), 0o755);
}

/**
 * Points electron-builder to tools that are here, where its own cannot be expected to arrive: beside an Electron that
 * came from Python's index.
 * @param {string} electron the executable
 * @param {string} scratch
 */
export async function preparePackageTools(electron, scratch) {
  const runtime = join(dirname(electron), 'appimage-runtime');
  if (process.platform !== 'linux' || !existsSync(runtime)) return;
  const folder = join(scratch, 'appimage-tools');
  await arrangeAppImageTools(runtime, folder);
  await program('dpkg-deb', 'dpkg');
  const fpm = join(dirname(fileURLToPath(import.meta.url)), 'fpmByDpkg.mjs');
  chmodSync(fpm, 0o755);
  process.env.APPIMAGE_TOOLS_PATH ??= folder;
  process.env.CUSTOM_FPM_PATH ??= fpm;
}
