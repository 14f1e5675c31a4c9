/**
 * Chooses by measuring. Each candidate's answer is compared with the reference's before it is timed, so that a
 * fast wrong one cannot win. The choice is kept on disk by all that it depends on: device, driver, kernels,
 * network and batch.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../../core/errors';
import type { Device } from '../../../native';
import { withStorage } from '../../storage/storageErrors';
import { writeAtomic } from '../../storage/writeAtomic';

export interface Candidate<T> {
  /** Names it in the cache: another program version with the same name must mean the same. */
  name: string;
  value: T;
}

/** A candidate made ready for its trial. */
export interface Trial {
  /** What must be equal to the reference, byte for byte. */
  answer(): Promise<Uint8Array>;
  /** One timed run. */
  elapsedNs(): Promise<number>;
  release(): void;
}

const TIMED_RUNS = 5;

export class Tuner {
  /** @param folder made when a choice is stored */
  constructor(private readonly folder: string) {}

  /**
   * @param subject what is tuned: everything but the device that the best choice depends on
   * @throws WorkbenchError `wrong-answer` where no candidate agrees with the reference
   */
  async choose<T>(
    device: Device,
    subject: unknown,
    candidates: readonly Candidate<T>[],
    reference: () => Promise<Uint8Array>,
    prepare: (value: T) => Promise<Trial>,
  ): Promise<T> {
    const only = candidates.length === 1 ? candidates[0] : undefined;
    if (only) return only.value;
    const path = join(this.folder, `${keyOf(device, subject, candidates)}.txt`);
    const stored = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    const known = candidates.find(({ name }) => name === stored);
    if (known) return known.value;
    const best = await fastest(device, candidates, await reference(), prepare);
    await this.store(path, best.name);
    return best.value;
  }

  private async store(path: string, name: string): Promise<void> {
    await withStorage('The folder of choices could not be made', this.folder, () =>
      mkdir(this.folder, { recursive: true }),
    );
    await writeAtomic(path, name);
  }
}

async function fastest<T>(
  device: Device,
  candidates: readonly Candidate<T>[],
  expected: Uint8Array,
  prepare: (value: T) => Promise<Trial>,
): Promise<Candidate<T>> {
  let best: { candidate: Candidate<T>; elapsedNs: number } | null = null;
  for (const candidate of candidates) {
    const trial = await prepare(candidate.value);
    try {
      if (Buffer.compare(await trial.answer(), expected) !== 0) continue;
      for (let i = 0; i < TIMED_RUNS; i++) {
        const elapsedNs = await trial.elapsedNs();
        if (!best || elapsedNs < best.elapsedNs) best = { candidate, elapsedNs };
      }
    } finally {
      trial.release();
    }
  }
  if (best) return best.candidate;
  throw new WorkbenchError('wrong-answer', 'No kernel gives the answers of the reference on this device', {
    where: device.info.name,
    remedy: 'Use fp32, or update the driver; please report the device and its driver version.',
    details: candidates.map(({ name }) => name).join(', '),
  });
}

function keyOf(
  { info, platform }: Device,
  subject: unknown,
  candidates: readonly { name: string }[],
): string {
  const driver = [platform.info.name, platform.info.version, info.name, info.version, info.driverVersion];
  const parts = [driver, subject, candidates.map(({ name }) => name)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
