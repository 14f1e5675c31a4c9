/**
 * Chooses by measuring. Each candidate's answer is compared with the reference's before it is timed, so that a
 * fast wrong one cannot win. The choice is kept on disk by all that it depends on: device, driver, kernels,
 * network and batch.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../../core/errors';
import { median } from '../../../core/statistics/percentiles';
import type { Device } from '../../../native';
import { makeFolders } from '../../storage/makeFolders';
import { withStorage } from '../../storage/storageErrors';
import { writeAtomic } from '../../storage/writeAtomic';

export interface Candidate<T> {
  /** Names it in the cache: another program version with the same name must mean the same. */
  name: string;
  value: T;
  /** Whether it may win at first use, where seconds count; the others are tried when a person asks for it. */
  likely: boolean;
}

/** A candidate made ready for its trial. */
export interface Trial {
  /** What must be equal to the reference, byte for byte. */
  answer(): Promise<Uint8Array>;
  /** One timed run. */
  elapsedNs(): Promise<number>;
  release(): void;
}

/** A subject and what it takes to try its candidates. */
export interface TuningTask<T> {
  device: Device;
  /** What is tuned: everything but the device that the best choice depends on. */
  subject: unknown;
  candidates: readonly Candidate<T>[];
  reference(): Promise<Uint8Array>;
  prepare(value: T): Promise<Trial>;
}

const tuningSchema = z.object({
  chosen: z.string(),
  trials: z.array(
    z.object({
      name: z.string(),
      /** Of one run of the trial's batch; null where the answer was not the reference's. */
      medianMs: z.number().nullable(),
    }),
  ),
});
export type Tuning = z.infer<typeof tuningSchema>;

const TIMED_RUNS = 5;

export class Tuner {
  /** @param folder made when a choice is stored */
  constructor(private readonly folder: string) {}

  /**
   * The stored choice; else the best of the likely candidates, measured where there are several.
   * @throws WorkbenchError `wrong-answer` where none of them agrees with the reference
   */
  async choose<T>(task: TuningTask<T>): Promise<T> {
    const stored = await this.stored(task);
    if (stored) return candidateValue(task, stored);
    const likely = task.candidates.filter((candidate) => candidate.likely);
    const [only, ...others] = likely;
    if (only && others.length === 0) return only.value;
    return candidateValue(task, await this.measure(task, likely));
  }

  /**
   * All candidates, measured now, or as they were when they are known already.
   * @param again measure in any case
   * @throws WorkbenchError `wrong-answer` where no candidate agrees with the reference
   */
  async tune<T>(task: TuningTask<T>, again: boolean): Promise<Tuning> {
    const stored = again ? null : await this.stored(task);
    if (stored?.trials.length === task.candidates.length) return stored;
    return this.measure(task, task.candidates);
  }

  private async measure<T>(task: TuningTask<T>, candidates: readonly Candidate<T>[]): Promise<Tuning> {
    const expected = await task.reference();
    const trials: Tuning['trials'] = [];
    for (const { name, value } of candidates) {
      trials.push({ name, medianMs: await trialMs(await task.prepare(value), expected) });
    }
    const tuning = { chosen: fastest(task, trials), trials };
    await this.store(this.path(task), JSON.stringify(tuning));
    return tuning;
  }

  /** Null where nothing is stored that names one of the candidates. */
  private async stored<T>(task: TuningTask<T>): Promise<Tuning | null> {
    const text = await readFile(this.path(task), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    const tuning = text === null ? null : tuningSchema.parse(JSON.parse(text));
    return task.candidates.some(({ name }) => name === tuning?.chosen) ? tuning : null;
  }

  private async store(path: string, text: string): Promise<void> {
    await withStorage('The folder of choices could not be made', this.folder, () => makeFolders(this.folder));
    await writeAtomic(path, text);
  }

  private path<T>(task: TuningTask<T>): string {
    return join(this.folder, `${keyOf(task)}.json`);
  }
}

async function trialMs(trial: Trial, expected: Uint8Array): Promise<number | null> {
  try {
    if (Buffer.compare(await trial.answer(), expected) !== 0) return null;
    const ms: number[] = [];
    for (let i = 0; i < TIMED_RUNS; i++) ms.push((await trial.elapsedNs()) / 1e6);
    return median(ms);
  } finally {
    trial.release();
  }
}

function fastest<T>({ device }: TuningTask<T>, trials: Tuning['trials']): string {
  let best: { name: string; medianMs: number } | null = null;
  for (const { name, medianMs } of trials) {
    if (medianMs !== null && (!best || medianMs < best.medianMs)) best = { name, medianMs };
  }
  if (best) return best.name;
  throw new WorkbenchError('wrong-answer', 'No kernel gives the answers of the reference on this device', {
    where: device.info.name,
    remedy: 'Use fp32, or update the driver; please report the device and its driver version.',
    details: trials.map(({ name }) => name).join(', '),
  });
}

function candidateValue<T>({ candidates }: TuningTask<T>, { chosen }: Tuning): T {
  const found = candidates.find(({ name }) => name === chosen);
  if (!found) throw new Error(`no candidate ${chosen}`);
  return found.value;
}

function keyOf<T>({ device: { info, platform }, subject, candidates }: TuningTask<T>): string {
  const driver = [platform.info.name, platform.info.version, info.name, info.version, info.driverVersion];
  const parts = [driver, subject, candidates.map(({ name }) => name)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
