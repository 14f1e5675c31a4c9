#!/usr/bin/env node
/**
 * `npm run package`: the desktop program as packages of this platform, into dist/packages. Arguments are targets
 * of electron-builder, such as `dir` (a folder that starts as it is) or `tar.gz`; all of electron-builder.cjs
 * without any.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, runQuietly, runScript, say, step } from './steps.mjs';

const targets = process.argv.slice(2);

/**
 * A copy of the Electron that is there, without a program in it.
 * @param {string} executable
 * @param {string} to
 */
function copyElectron(executable, to) {
  const folder = dirname(executable);
  const others = [join(folder, 'resources', 'app'), join(folder, 'appimage-runtime')];
  cpSync(folder, to, { recursive: true, filter: (path) => !others.includes(path) });
}

/**
 * The fuses that an Electron has: an older one lacks the newest.
 * @param {string} executable
 * @param {Record<string, boolean>} wanted by their names in camel case
 */
async function fusesOf(executable, wanted) {
  const { FuseV1Options, getCurrentFuseWire } = await import('@electron/fuses');
  const wire = await getCurrentFuseWire(executable);
  const there = Object.keys(wire).map((place) => FuseV1Options[Number(place)]?.toLowerCase());
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => there.includes(name.toLowerCase())));
}

await runScript(async () => {
  await installDependencies();
  const { buildAddon } = await import('./addon.mjs');
  const { buildBundles } = await import('./bundles.mjs');
  const { prepareElectron } = await import('./electron.mjs');
  const { fuses } = await import('./fuses.mjs');
  const { writeLicences } = await import('./licences.mjs');
  const { preparePackageTools } = await import('./packageTools.mjs');
  await buildAddon();
  await buildBundles();
  const executable = await prepareElectron();
  const scratch = mkdtempSync(join(tmpdir(), 'bnnw-package-'));
  // The highest level takes minutes more and saves little.
  process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ??= '6';
  // electron-builder fetches its own 7-Zip where none is named.
  const sevenZip = (await runQuietly('sh', ['-c', 'command -v 7za'])).output.trim();
  if (sevenZip && !process.env.ELECTRON_BUILDER_7ZIP_PATH) process.env.ELECTRON_BUILDER_7ZIP_PATH = sevenZip;
  try {
    copyElectron(executable, join(scratch, 'electron'));
    await preparePackageTools(executable, scratch);
    writeLicences(join(projectFolder, 'dist/licences.txt'));
    const fusesThere = await fusesOf(join(scratch, 'electron', basename(executable)), fuses);
    const { build, Platform } = await import('electron-builder');
    await step('packages the program into dist/packages', () =>
      build({
        projectDir: projectFolder,
        targets: Platform.current().createTarget(targets.length > 0 ? targets : undefined),
        config: {
          extends: join(projectFolder, 'electron-builder.cjs'),
          electronFuses: fusesThere,
          electronDist: join(scratch, 'electron'),
          electronVersion: readFileSync(join(scratch, 'electron/version'), 'utf8').trim().replace(/^v/, ''),
        },
        publish: 'never',
      }),
    );
    if (!existsSync(join(projectFolder, 'dist/packages'))) say('nothing was built');
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
