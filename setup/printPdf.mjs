#!/usr/bin/env node
/**
 * `node setup/printPdf.mjs FROM.html TO.pdf`: starts Electron to print a page. Where there is no screen, in the
 * virtual one of xvfb-run. A reason why it cannot be stands alone on standard error.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { electronExecutable, sandboxObstacle } from './electron.mjs';
import { projectFolder, runQuietly, SetupError } from './steps.mjs';

/** @returns {string | null} the path of xvfb-run */
function virtualScreen() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'xvfb-run')).find((path) => existsSync(path)) ?? null;
}

/** @param {string} executable @returns {Promise<[string, string[]]>} */
async function commandFor(executable) {
  const flags = (await sandboxObstacle(executable)) ? ['--no-sandbox'] : [];
  const args = [...flags, projectFolder, '--print-report', ...process.argv.slice(2)];
  const hasScreen =
    process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (hasScreen) return [executable, args];
  const screen = virtualScreen();
  if (screen) return [screen, ['-a', executable, ...args]];
  throw new SetupError(
    'there is no screen, which Electron needs even to print',
    'Install xvfb (Debian and Ubuntu: sudo apt-get install xvfb xauth), or write an .html report.',
  );
}

try {
  const [program, args] = await commandFor(electronExecutable());
  delete process.env.ELECTRON_RUN_AS_NODE;
  const { code, output } = await runQuietly(program, args);
  if (code !== 0)
    throw new SetupError(`Electron could not print: ${output.trim()}`, 'Write an .html report.');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(JSON.stringify({ message: error.message, remedy: error.remedy }));
  process.exitCode = 1;
}
