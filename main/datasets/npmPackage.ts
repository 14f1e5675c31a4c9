/** A package by name, through the npm that the user has and as the user has configured it. */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SIZE_EVERY_MS = 500;
const KEPT_OUTPUT_CHARACTERS = 2_000;

/**
 * Packs `name`@`version` into `folder` and returns the archive's path. npm keeps its cache in `folder` too: its
 * growth is the only sign of progress that npm gives, and nothing stays behind in the user's own cache.
 * @throws Error with a sentence: npm is missing, or what it wrote
 */
export async function packFromNpm(
  name: string,
  version: string,
  folder: string,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const cache = 'npm-cache';
  const timer = setInterval(() => {
    // The temporary files come and go while they are counted.
    folderBytes(join(folder, cache)).then(onBytes, () => {});
  }, SIZE_EVERY_MS);
  try {
    const options = ['--ignore-scripts', '--loglevel=error', `--cache=${cache}`];
    await runNpm(['pack', `${name}@${version}`, ...options], folder, signal);
  } finally {
    clearInterval(timer);
  }
  return join(folder, `${name}-${version}.tgz`);
}

function runNpm(arguments_: string[], folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // On Windows npm is a script, which only a shell can start; all arguments are our own constants.
    const child = spawn('npm', arguments_, {
      cwd: folder,
      signal,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    let failure: Error | null = null;
    child.on('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(new Error(`npm could not be started: ${error.message}`));
    });
    // A cancelled npm still writes for a moment; only its end leaves the folder to us.
    child.on('close', (code) => {
      if (failure !== null) reject(failure);
      else if (code === 0) resolve();
      else
        reject(
          new Error(`npm ended with ${code === null ? 'a signal' : `exit code ${code}`}: ${output.trim()}`),
        );
    });
  });
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile()) bytes += (await stat(path)).size;
  }
  return bytes;
}
