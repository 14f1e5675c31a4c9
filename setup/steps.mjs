/**
 * How setup talks and runs other programs. Only Node's own modules here: this file works before `npm ci` did.
 */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the folder that holds package.json. */
export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something that setup could not do, in words for a person. */
export class SetupError extends Error {
  /**
   * @param {string} message what happened
   * @param {string} remedy what the person can do
   */
  constructor(message, remedy) {
    super(message);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/** @type {Record<string, string>} */
const storageReasons = {
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota of the disk is used up',
  EEXIST: 'a file is in the way',
  ENOTDIR: 'a file is in the way',
};

/**
 * @param {unknown} error what a function of node:fs threw
 * @param {string} [path] unless the error knows it: a full disk's does not
 * @returns {SetupError | null} null where it is no fault of the disk or of permissions
 */
export function storageError(error, path) {
  if (!(error instanceof Error && 'code' in error)) return null;
  const reason = storageReasons[String(error.code)];
  if (!reason) return null;
  const place = path ?? ('path' in error ? String(error.path) : 'a file');
  const inCheckout = place.startsWith(projectFolder);
  return new SetupError(
    `${place} cannot be used: ${reason}`,
    `Free space or allow writing there${inCheckout ? '' : ', or set BNNW_HOME to another folder'}.`,
  );
}

/**
 * One line on standard error; standard output belongs to results.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/**
 * Tells a step in a line, runs it, and adds to the line how long it took; a terminal sees the seconds go by.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = performance.now();
  const seconds = () => Math.max(1, Math.round((performance.now() - start) / 1000));
  let shown = '';
  const show = (/** @type {string} */ text) => {
    process.stderr.write('\b'.repeat(shown.length) + text);
    shown = text;
  };
  process.stderr.write(`setup: ${title} … `);
  const clock = process.stderr.isTTY ? setInterval(() => show(`${seconds()} s`), 1000) : undefined;
  try {
    const result = await work();
    show(`done (${seconds()} s)\n`);
    return result;
  } catch (error) {
    show('failed\n');
    throw error;
  } finally {
    clearInterval(clock);
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] the checkout unless given
 * @property {Record<string, string | undefined>} [environment] added to this process's; undefined removes one
 * @property {number} [timeoutMs]
 */

/**
 * Runs a program to its end without showing what it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number | null, output: string, standardOutput: string }>} `output` holds the end of
 *   both streams; code null: it could not be started, or was killed
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? projectFolder,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      // npm and its kind are .cmd files on Windows, which only a shell starts.
      shell: process.platform === 'win32' && command === 'npm',
    });
    let output = '';
    let standardOutput = '';
    const keep = (/** @type {string} */ text) => {
      output = (output + text).slice(-20_000);
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      standardOutput += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: null, output: error.message, standardOutput }));
    child.on('close', (code) => resolve({ code, output, standardOutput }));
  });
}

/**
 * As {@link runQuietly}, but any end other than exit code 0 is an error that holds the last lines printed.
 * @param {string} command
 * @param {string[]} args
 * @param {string} remedy
 * @param {RunOptions} [options]
 */
export async function run(command, args, remedy, options = {}) {
  const { code, output } = await runQuietly(command, args, options);
  if (code === 0) return output;
  const lastLines = output.trimEnd().split('\n').slice(-15).join('\n');
  const ending = code === null ? 'could not run' : `ended with exit code ${code}`;
  throw new SetupError(`${command} ${args.join(' ')} ${ending}\n${lastLines}`, remedy);
}

/**
 * Runs a program on this terminal. Ctrl-C reaches it from the terminal; other requests to end are handed on.
 * @param {string} command
 * @param {string[]} args
 * @param {Pick<import('node:child_process').SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>} [options]
 * @returns {Promise<number>} its exit code; 1 where a signal ended it
 */
export function runVisibly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectFolder, stdio: 'inherit', ...options });
    const waitForChild = () => {};
    const handOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    process.on('SIGINT', waitForChild).on('SIGTERM', handOn).on('SIGHUP', handOn);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', waitForChild).off('SIGTERM', handOn).off('SIGHUP', handOn);
      resolve(code ?? 1);
    });
  });
}

/**
 * Ends a script: a {@link SetupError} and what the disk refuses are told in words, anything else is a bug and
 * keeps its stack.
 * @param {() => Promise<number | undefined>} main gives the exit code, unless something else will set it
 */
export async function runScript(main) {
  try {
    const code = await main();
    if (code !== undefined) process.exitCode = code;
  } catch (thrown) {
    const error = thrown instanceof SetupError ? thrown : storageError(thrown);
    if (!error) throw thrown;
    process.stderr.write(`setup: ${error.message}\nsetup: ${error.remedy}\n`);
    process.exitCode = 1;
  }
}
