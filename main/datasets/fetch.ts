/** Brings a data set into the cache: whole and checked, or not at all. */
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { makeFolders } from '../storage/makeFolders';
import { readCached, writeDescription, writeSplit } from './cache';
import type { DatasetDescription } from './catalogue';
import { readFolder } from './folder';
import type { ProgressListener } from './progress';
import type { Source } from './source';
import { splitSha256 } from './split';

const SPLITS = ['test', 'training'] as const;
const NPM_CODE = /npm (?:error|ERR!) code (E[A-Z]+)$/m;
const PARTIAL = /^\.partial-(\d+)-/;

/**
 * Tries the sources in turn and puts what the first good one has into `root`/<id>. All work is done in a folder
 * beside it, which takes the name in one step at the end; so several programs may fetch at once, and one that is
 * interrupted leaves nothing that could be taken for a data set.
 * @throws WorkbenchError `not-available` with each source's reason, `storage`, `cancelled`
 */
export async function fetchInto(
  root: string,
  description: DatasetDescription,
  sources: readonly Source[],
  onProgress: ProgressListener,
  signal: AbortSignal,
): Promise<void> {
  const failures: string[] = [];
  let partial: string | null = null;
  try {
    await makeFolders(root);
    await removeAbandoned(root);
    partial = await mkdtemp(join(root, `.partial-${process.pid}-`));
    for (const [index, source] of sources.entries()) {
      const work = join(partial, String(index));
      try {
        await prepare(work, description, source, failures, onProgress, signal);
        await install(
          join(work, 'ready'),
          join(root, description.id),
          join(partial, 'replaced'),
          description,
        );
        return;
      } catch (error) {
        throwIfHopeless(error, root, signal);
        failures.push(`${source.name}: ${error instanceof Error ? error.message : error}`);
        await rm(work, { recursive: true, force: true });
      }
    }
  } catch (error) {
    throwIfHopeless(error, root, signal);
    throw error;
  } finally {
    if (partial !== null) await rm(partial, { recursive: true, force: true, maxRetries: 3 });
  }
  throw new WorkbenchError('not-available', `${description.name} could not be fetched.`, {
    where: description.id,
    remedy: 'Connect to a network, or give a folder that holds the data set in its official format.',
    details: failures.join('\n'),
  });
}

/** Brings, checks and writes both splits to `work`/ready. */
async function prepare(
  work: string,
  description: DatasetDescription,
  source: Source,
  failures: readonly string[],
  onProgress: ProgressListener,
  signal: AbortSignal,
): Promise<void> {
  const report = (phase: 'downloading' | 'checking', doneBytes: number, totalBytes: number | null) =>
    onProgress({
      dataset: description.id,
      phase,
      source: source.name,
      doneBytes,
      totalBytes,
      failures: [...failures],
    });
  const brought = join(work, 'brought');
  const ready = join(work, 'ready');
  await makeFolders(brought);
  report('downloading', 0, null);
  const folder = await source.bring(brought, (done, total) => report('downloading', done, total), signal);

  const imageBytes = description.height * description.width * description.channels;
  const totalBytes = SPLITS.reduce((sum, name) => sum + description.splits[name].images * imageBytes, 0);
  let doneBytes = 0;
  for (const name of SPLITS) {
    report('checking', doneBytes, totalBytes);
    if (signal.aborted) throw new Error('cancelled');
    const split = await readFolder(folder, name);
    const sha256 = splitSha256(split);
    if (sha256 !== description.splits[name].sha256) {
      throw new Error(`the ${name} set is not the known one (its SHA-256 is ${sha256})`);
    }
    await writeSplit(ready, description, name, split);
    doneBytes += split.images.length;
  }
  await writeDescription(ready, description, source.name);
  report('checking', totalBytes, totalBytes);
}

/** Gives `ready` the name `target`, unless another program was faster. */
async function install(
  ready: string,
  target: string,
  replaced: string,
  description: DatasetDescription,
): Promise<void> {
  try {
    await rename(ready, target);
  } catch (error) {
    if (await isWhole(target, description)) return;
    // What stands there is damaged (or was taken away just now, which is as well).
    await rename(target, replaced).catch(() => {
      throw error;
    });
    await rename(ready, target);
  }
}

async function isWhole(folder: string, description: DatasetDescription): Promise<boolean> {
  for (const split of SPLITS) if ((await readCached(folder, description, split)) === null) return false;
  return true;
}

/** Removes what a killed program left behind. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const owner = PARTIAL.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Another source does not help where the user has cancelled or the disk refuses. */
function throwIfHopeless(error: unknown, root: string, signal: AbortSignal): void {
  if (signal.aborted) throw new WorkbenchError('cancelled', 'Fetching the data set was cancelled.');
  const refusal = diskRefusal(error);
  if (refusal === null) return;
  throw new WorkbenchError('storage', `The cache folder cannot be written: ${refusal}.`, {
    where: root,
    remedy: 'Free some space or allow writing there; BNNW_HOME names another place.',
    details: error instanceof Error ? error.message : null,
  });
}

const REFUSALS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'you have no permission',
  ENOTDIR: 'a file is in the way',
};

/** npm tells the code of what the disk refused in its output only, which the error's message holds. */
function diskRefusal(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : NPM_CODE.exec(error.message)?.[1];
  return REFUSALS[code ?? ''] ?? null;
}
