/** The OpenCL addon in native/: a compiler, then the build. Without it the program goes on without OpenCL. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installOrAdvise } from './apt.mjs';
import { hashOf, isFresh, writeStamp } from './sources.mjs';
import { projectFolder, run, runQuietly, SetupError, say, step } from './steps.mjs';

const sources = [
  'native/src',
  'native/gyp',
  'native/binding.gyp',
  'native/build.mjs',
  'node_modules/node-addon-api/package.json',
  'node_modules/node-api-headers/package.json',
];
const stamp = 'native/build/sources.sha256';
const addon = join(projectFolder, 'native/build/Release/bnnw_opencl.node');

/** Whether the tools of the build are there; on Windows and macOS node-gyp looks for them itself. */
async function hasCompiler() {
  if (process.platform !== 'linux') return true;
  const tools = [process.env.CXX ?? 'g++', process.env.CC ?? 'cc', 'make', 'python3'];
  const versions = await Promise.all(tools.map((tool) => runQuietly(tool, ['--version'])));
  return versions.every(({ code }) => code === 0);
}

/**
 * Builds the addon where it is older than its sources. It is the same file for every Node and Electron.
 * @param {boolean} [mayInstall] a compiler, where there is none
 * @returns {Promise<boolean>} whether there is an addon now
 */
export async function buildAddon(mayInstall = true) {
  const fresh = `${process.platform} ${process.arch} ${hashOf(sources)}`;
  if (existsSync(addon) && isFresh(stamp, fresh)) return true;
  if (!(await hasCompiler())) {
    const installed = mayInstall && (await installOrAdvise('a C++ compiler', ['g++', 'make', 'python3']));
    if (!installed) {
      say('no C++ compiler for the OpenCL addon: goes on without OpenCL');
      return false;
    }
  }
  try {
    await step('builds the OpenCL addon', () =>
      run(process.execPath, ['native/build.mjs'], 'native/README.md says what the build needs.'),
    );
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message}\n${error.remedy}\ngoes on without OpenCL`);
    return false;
  }
  writeStamp(stamp, fresh);
  return true;
}
