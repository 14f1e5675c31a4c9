/**
 * The end-to-end tests drive the program with Chromium's sandbox on, which root does not get: under root they
 * run as `nobody`, who needs readable copies of whatever lies in a closed folder such as /root.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { cacheFolder } from './folders.mjs';
import { ownPocl } from './opencl.mjs';
import { projectFolder, run, runQuietly, SetupError } from './steps.mjs';

/**
 * @param {string} path
 * @returns {boolean} whether everybody may read it and pass all folders above
 */
function isOpenToAll(path) {
  const { mode } = statSync(path);
  const needed = statSync(path).isDirectory() ? 0o005 : 0o004;
  if ((mode & needed) !== needed) return false;
  return dirname(path) === path || isOpenToAll(dirname(path));
}

/** @returns {Promise<{ uid: number, gid: number } | null>} null: stay who we are */
async function otherUser() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runQuietly('id', [flag, 'nobody'])));
  if (uid?.code !== 0 || gid?.code !== 0) {
    throw new SetupError(
      'there is no user nobody to run the end-to-end tests as',
      'Run the tests as another user.',
    );
  }
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

/**
 * @typedef {object} Stage where the end-to-end tests run
 * @property {string} checkout
 * @property {string} node
 * @property {string} electron the executable
 * @property {string} home for HOME and BNNW_HOME, with the data sets in it
 * @property {{ uid: number, gid: number } | null} user
 * @property {string} scratch
 * @property {() => void} dispose
 */

/**
 * @param {string} electron the executable
 * @returns {Promise<Stage>}
 */
export async function makeStage(electron) {
  const user = await otherUser();
  const scratch = mkdtempSync(join(tmpdir(), 'bnnw-e2e-'));
  chmodSync(scratch, 0o755);
  /** @param {string} from @param {string} to */
  const copy = async (from, to) => {
    mkdirSync(dirname(to), { recursive: true });
    await run('cp', ['-R', from, to], 'Check the free space on the disk.');
    await run('chmod', ['-R', 'a+rX', to], 'Check the free space on the disk.');
  };
  /** @param {string} path @param {string} name */
  const open = async (path, name) => {
    if (!user || isOpenToAll(path)) return path;
    await copy(path, join(scratch, name));
    return join(scratch, name);
  };

  const home = join(scratch, 'home');
  for (const path of [join(cacheFolder, 'datasets'), ownPocl()]) {
    if (path && existsSync(path)) await copy(path, join(home, 'cache', relative(cacheFolder, path)));
  }
  mkdirSync(home, { recursive: true });
  const stage = {
    checkout: await open(projectFolder, 'checkout'),
    node: await open(process.execPath, 'node'),
    electron: join(await open(dirname(electron), 'electron'), basename(electron)),
    home,
    user,
    scratch,
    dispose: () => rmSync(scratch, { recursive: true, force: true }),
  };
  if (user) {
    chownSync(scratch, user.uid, user.gid);
    await run('chown', ['-R', `${user.uid}:${user.gid}`, home], 'Run the tests as another user.');
  }
  return stage;
}
