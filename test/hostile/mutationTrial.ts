/**
 * A reader before mutated files of one format: each is read or refused, within the time and the memory that a
 * hostile file may take, and nothing else happens.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../../core/errors';
import { figure } from '../figures';

/** Of each format. */
const MUTATIONS = Number(process.env.BNNW_MUTATIONS ?? 2000);
const PATIENCE_MS = 2000;
/** A machine that is busy, or a process that was stopped for a while, makes one reading slow and not each. */
const TRIALS_OF_A_SUSPECT = 3;
/** A reading that waits for what never comes. */
const FOREVER_MS = 60_000;
/** A reading that turns in circles. Counted as time of the processor, which a stopped process does not get. */
const SPINNING_MS = 60_000;
const MOST_EXTRA_BYTES = 256 * 2 ** 20;

export interface MutationTrial {
  format: string;
  original: Uint8Array;
  mutate(): Uint8Array;
  read(bytes: Uint8Array): Promise<unknown>;
  /** What the refusal must be beside a WorkbenchError that names a place. */
  isRefusal(error: WorkbenchError): boolean;
  mutations?: number;
}

/** Prints what was found. @returns how many were refused */
export async function tryMutations(trial: MutationTrial): Promise<number> {
  const { format, original, mutate, mutations = MUTATIONS } = trial;
  await trial.read(original);
  const watch = new SpinWatch(format);
  const before = process.memoryUsage.rss();
  let [refused, slowestMs, slow] = [0, 0, 0];
  try {
    for (let i = 0; i < mutations; i++) {
      watch.at(i);
      const bytes = mutate();
      let elapsedMs = await timeOf(trial, bytes, () => refused++);
      for (let again = 1; elapsedMs > PATIENCE_MS; again++) {
        if (again === TRIALS_OF_A_SUSPECT) throw new Error(`${format}, mutation ${i}: ${elapsedMs} ms`);
        slow++;
        elapsedMs = await timeOf(trial, bytes);
      }
      slowestMs = Math.max(slowestMs, elapsedMs);
    }
  } finally {
    await watch.end();
  }
  // The most that this process ever held, with the garbage of all readings.
  const grownBytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  figure(
    format,
    `${mutations} mutations, ${refused} refused, slowest ${slowestMs.toFixed(0)} ms` +
      `${slow === 0 ? '' : ` (${slow} slow ones repeated alone)`}, ` +
      `at most ${(grownBytes / 2 ** 20).toFixed(0)} MiB more`,
  );
  if (grownBytes > 2 * original.length + MOST_EXTRA_BYTES) {
    throw new Error(`${format}: reading took ${grownBytes} bytes`);
  }
  return refused;
}

async function timeOf(
  { format, read, isRefusal }: MutationTrial,
  bytes: Uint8Array,
  onRefused?: () => void,
): Promise<number> {
  const started = performance.now();
  const patience = new AbortController();
  try {
    const forever = pause(FOREVER_MS, null, { signal: patience.signal }).then(() => {
      throw new Error(`${format}: a mutated file was neither read nor refused`);
    });
    forever.catch(() => undefined);
    await Promise.race([read(bytes), forever]);
  } catch (error) {
    if (!(error instanceof WorkbenchError && isRefusal(error))) throw error;
    onRefused?.();
  } finally {
    patience.abort();
  }
  return performance.now() - started;
}

/**
 * Ends the process where one reading spins: it would hold up the test for ever, as nothing can interrupt it
 * from its own thread.
 */
class SpinWatch {
  private readonly index = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;

  constructor(format: string) {
    this.worker = new Worker(
      `const { workerData: { index, format, most } } = require('node:worker_threads');
       let seen = -1;
       let since = 0;
       setInterval(() => {
         const { user, system } = process.cpuUsage();
         const spentMs = (user + system) / 1000;
         const now = Atomics.load(index, 0);
         if (now !== seen) [seen, since] = [now, spentMs];
         else if (spentMs - since > most) {
           require('node:fs').writeSync(2, format + ': mutation ' + now + ' hangs its reader\\n');
           process.kill(process.pid, 'SIGKILL');
         }
       }, 1000);`,
      { eval: true, workerData: { index: this.index, format, most: SPINNING_MS } },
    );
    this.worker.unref();
  }

  at(index: number): void {
    Atomics.store(this.index, 0, index);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
