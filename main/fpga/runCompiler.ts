/** Finds and runs the programs of a vendor's SDK. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { type CompilerRun, commandText } from './compiler';

const VERSION_PATIENCE_MS = 60_000;
/** For a compiler that was told to end, and for lines of one that has ended. */
const ENDING_PATIENCE_MS = 10_000;
const ENDING_STEP_MS = 50;
const LAST_LINES_PATIENCE_MS = 1000;
const LAST_LINES = 40;
/** A longer line comes in parts: a compiler that prints without an end fills no memory. */
const LONGEST_LINE = 10_000;
/** Elsewhere a group of its own would open a window. */
const HAS_GROUPS = process.platform !== 'win32';

/** Of a file in a folder of PATH that can be run; null where there is none. */
export async function programPath(program: string): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = resolve(folder, program);
    const found = await access(path, constants.X_OK)
      .then(() => stat(path))
      .catch(() => null);
    if (found?.isFile()) return path;
  }
  return null;
}

/** The line of the compiler's answer that has a number in it. */
export async function versionOf({ program, words }: CompilerRun, signal?: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, {
    timeout: VERSION_PATIENCE_MS,
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  }).catch(() => {
    return { stdout: '' };
  });
  const line = stdout.split('\n').find((each) => /\d+\.\d+/.test(each));
  return line?.trim().slice(0, 200) || 'unknown';
}

export interface CompilerSurroundings {
  folder: string;
  onLine(line: string): void;
  signal?: AbortSignal;
}

/**
 * Without a limit of time: place and route takes hours, and its lines come as it goes on.
 * @throws WorkbenchError `device-failed` with the last lines, `cancelled` when the compiler has ended
 */
export async function runCompiler(run: CompilerRun, surroundings: CompilerSurroundings): Promise<void> {
  const { folder, onLine, signal } = surroundings;
  const cancelled = () => new WorkbenchError('cancelled', 'The build was ended.', { where: folder });
  if (signal?.aborted) throw cancelled();
  const command = commandText(run);
  onLine(`$ ${command}`);
  const child = spawn((await programPath(run.program)) ?? run.program, run.words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Compilers are scripts that start the programs which do the work: all of them end with it.
    detached: HAS_GROUPS,
  });
  const last: string[] = [];
  const take = (line: string) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    onLine(line);
  };
  const lastLines = [child.stdout, child.stderr].map((stream) => readLines(stream, take));
  const letBe = endOn(signal, child);
  const ending = await ended(child).finally(letBe);
  for (const takeLast of lastLines) takeLast();
  if (signal?.aborted) {
    await endGroup(child);
    throw cancelled();
  }
  if (ending === 0) return;
  const [what, remedy] = inWords(run.program, ending);
  throw new WorkbenchError('device-failed', what, {
    where: command,
    remedy: `${remedy} The sources lie in ${folder}.`,
    details: last.join('\n'),
  });
}

/** Calls `take` with each line. Returns a function for what comes last, without an end of its line. */
function readLines(stream: Readable, take: (line: string) => void): () => void {
  let rest = '';
  /** @returns the last part, which is not taken */
  const takeAllButLast = (line: string): string => {
    let at = 0;
    for (; line.length - at > LONGEST_LINE; at += LONGEST_LINE) take(line.slice(at, at + LONGEST_LINE));
    return line.slice(at);
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    // A carriage return at the end may be half of a line's end.
    const lines = (rest + text).split(/\r?\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) take(takeAllButLast(line));
    rest = takeAllButLast(rest);
  });
  return () => {
    if (rest !== '') take(rest.replace(/\r$/, ''));
    rest = '';
  };
}

/** Sends a signal to the compiler and to all that it has started. @returns whether anything of it was left */
function kill(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return HAS_GROUPS ? process.kill(-child.pid, signal) : child.kill(signal);
  } catch {
    return false;
  }
}

/** What a compiler that has ended left running gets the same time to end as the compiler. */
async function endGroup(child: ChildProcess): Promise<void> {
  for (let waited = 0; HAS_GROUPS && kill(child, 0); waited += ENDING_STEP_MS) {
    if (waited >= ENDING_PATIENCE_MS) return void kill(child, 'SIGKILL');
    await sleep(ENDING_STEP_MS);
  }
}

/** Tells the process to end when the signal comes. Returns a function that stops this. */
function endOn(signal: AbortSignal | undefined, child: ChildProcess): () => void {
  let patience: NodeJS.Timeout | undefined;
  const end = () => {
    kill(child, 'SIGTERM');
    patience = setTimeout(() => kill(child, 'SIGKILL'), ENDING_PATIENCE_MS);
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  return () => {
    signal?.removeEventListener('abort', end);
    clearTimeout(patience);
  };
}

/** An exit code, the name of the signal that ended it, or why it could not start. */
type Ending = number | { signal: string } | { notStarted: string };

/** A process that it left running may hold its pipes for hours: then they are closed at this end. */
async function ended(child: ChildProcess): Promise<Ending> {
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const ending = await new Promise<Ending>((done) => {
    child.once('error', (error: NodeJS.ErrnoException) => done({ notStarted: error.code ?? error.message }));
    child.once('exit', (code, signal) => done(code ?? { signal: signal ?? 'a signal' }));
  });
  let patience: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((done) => {
    patience = setTimeout(done, LAST_LINES_PATIENCE_MS);
  });
  await Promise.race([closed, waited]);
  clearTimeout(patience);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return ending;
}

/** What happened, and what to do. */
function inWords(program: string, ending: Ending): [what: string, remedy: string] {
  if (typeof ending === 'number') {
    return [`${program} ended with code ${ending}.`, 'Read what it printed.'];
  }
  if ('signal' in ending) {
    const remedy =
      ending.signal === 'SIGKILL'
        ? 'The system ends so a program that takes more memory than there is: look into its log (dmesg).'
        : 'Read what it printed, and the log of the system.';
    return [`${program} was ended by ${ending.signal}.`, remedy];
  }
  return [
    `${program} could not be started (${ending.notStarted}).`,
    `See \`command -v ${program}\`: whether it is the vendor's, for this machine, and whether the interpreter that its first line names is here.`,
  ];
}
