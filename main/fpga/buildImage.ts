/** Writes the generated kernels into a folder and compiles them where the vendor's compiler is installed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { MANIFEST_SUFFIX } from '../../core/fpga/image';
import { makeFolders } from '../storage/makeFolders';
import { withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import { type CompilerPlan, type CompilerRun, commandText, IMAGE_FILES } from './compiler';
import { imageHash, withImage } from './imageFile';
import { HASH_SUFFIX, type ImagePlan, manifestFrom, PLAN_FILE, requirePlaceFor } from './imagePlan';
import { readImageFrom } from './readImage';

const VERSION_PATIENCE_MS = 60_000;
const LAST_LINES = 40;

export interface BuildOptions {
  /** Made where it is not there. */
  folder: string;
  files: ReadonlyMap<string, string>;
  compiler: CompilerPlan;
  plan: ImagePlan;
  onLine(line: string): void;
  signal?: AbortSignal;
}

export interface BuildResult {
  /** The commands, as a shell takes them in the folder. */
  commands: string[];
  /** False where the compiler is not installed; then only the sources were written. */
  compiled: boolean;
  /** Path of the finished image; null where there is none. */
  image: string | null;
}

/**
 * @throws WorkbenchError `usage` where the folder holds another build's image; `storage`; `device-failed` where the compiler fails, with its last lines; `refused-file`
 *   where what it wrote is no image; `cancelled`
 */
export async function buildImage(options: BuildOptions): Promise<BuildResult> {
  const { folder, files, compiler } = options;
  // A report writes the plan and the sources anew, too.
  for (const name of IMAGE_FILES) await requirePlaceFor(options.plan, join(folder, name));
  await withStorage('The kernels could not be written', folder, async () => {
    await makeFolders(folder);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'build.sh'), script(compiler));
    await writeFile(join(folder, PLAN_FILE), `${JSON.stringify(options.plan, null, 2)}\n`);
  });
  const commands = commandsOf(compiler);
  if (!(await isInstalled(compiler.version.program))) return { commands, compiled: false, image: null };
  const sdkVersion = await versionOf(compiler.version);
  const written = join(folder, compiler.image ?? compiler.report);
  const before = await stampOf(written);
  for (const run of compiler.runs) await compile(run, options);
  await requireWritten(written, before, compiler.runs.at(-1)!);
  if (compiler.image === null) return { commands, compiled: true, image: null };
  const image = join(folder, compiler.image);
  await writeManifest(image, sdkVersion, options.plan);
  return { commands, compiled: true, image };
}

/** The image's hash is taken where it was compiled: later nobody could tell a byte that was lost on the way. */
function commandsOf({ runs, image }: CompilerPlan): string[] {
  const hash = image === null ? [] : [`sha256sum ${image} > ${image}${HASH_SUFFIX}`];
  return [...runs.map(commandText), ...hash];
}

function script(plan: CompilerPlan): string {
  return ['#!/bin/sh', 'set -e', 'cd "$(dirname "$0")"', ...commandsOf(plan), ''].join('\n');
}

/** Changes whenever a file is written; null where there is none. */
async function stampOf(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats && [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

/**
 * What an earlier build left in the folder is not this one's.
 * @throws WorkbenchError `device-failed` where a compiler was content and wrote nothing
 */
async function requireWritten(path: string, before: string | null, run: CompilerRun): Promise<void> {
  const after = await stampOf(path);
  if (after !== null && after !== before) return;
  throw new WorkbenchError(
    'device-failed',
    `${run.program} ended without an error and did not write ${basename(path)}.`,
    {
      where: path,
      remedy: `Read what it printed, and whether ${run.program} is the vendor's: \`command -v ${run.program}\`.`,
    },
  );
}

/** Whether a program lies in a folder of PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** The line of the compiler's answer that has a number in it. */
async function versionOf({ program, words }: CompilerRun): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, {
    timeout: VERSION_PATIENCE_MS,
    killSignal: 'SIGKILL',
  }).catch(() => {
    return { stdout: '' };
  });
  const line = stdout.split('\n').find((each) => /\d+\.\d+/.test(each));
  return line?.trim().slice(0, 200) || 'unknown';
}

/** Without a limit of time: place and route takes hours, and its lines come as it goes on. */
async function compile(run: CompilerRun, { folder, onLine, signal }: BuildOptions): Promise<void> {
  const command = commandText(run);
  onLine(`$ ${command}`);
  const child = spawn(run.program, run.words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  const last: string[] = [];
  const take = (line: string) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  const code = await ended(child);
  if (code === 0) return;
  if (signal?.aborted) throw new WorkbenchError('cancelled', 'The build was ended.', { where: folder });
  throw new WorkbenchError('device-failed', `${run.program} ended with code ${code}.`, {
    where: command,
    remedy: `Read what it printed; the sources lie in ${folder}.`,
    details: last.join('\n'),
  });
}

/** Exit code, or -1 for a process that a signal ended or that could not start. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
}

async function writeManifest(file: string, sdkVersion: string, plan: ImagePlan): Promise<void> {
  const { contents, bytes } = await withImage(file, async (opened) => {
    return { contents: await readImageFrom(opened), bytes: opened.size };
  });
  const image = { sha256: await imageHash(file), bytes, contents, sdkVersion };
  const manifest = await manifestFrom(plan, file, image);
  await writeAtomic(file + MANIFEST_SUFFIX, `${JSON.stringify(manifest, null, 2)}\n`);
}
