/** How long a chain of kernels may take: where a word is missing in a channel, it waits for ever. */
import { WorkbenchError } from '../../../../core/errors';
import { type IntegerLayer, multiplyAdds } from '../integer/layers';
import type { Schedule } from './network';

/**
 * Multiply-adds a second that are reached at least, on a busy machine. In the emulator a blocked kernel spins, so
 * kernels that all run at once are slow.
 */
const SLOWEST: Record<Schedule | 'board', number> = { 'at once': 5e6, 'one after another': 1e8, board: 1e9 };
const LONGEST_START_MS = 60_000;
/** Of the emulator, unless it is told otherwise. */
const DEFAULT_WORKERS = 32;

/** A batch that takes longer hangs. */
export function longestMs(
  layers: readonly IntegerLayer[],
  batchSize: number,
  where: Schedule | 'board',
): number {
  const work = layers.reduce((sum, layer) => sum + multiplyAdds(layer), 0) * batchSize;
  return LONGEST_START_MS + (1000 * work) / SLOWEST[where];
}

/** Each waiting kernel keeps one of the emulator's workers, and with none left it hangs. */
export function requireWorkers(kernels: number): void {
  const workers = Number(process.env.CL_CONFIG_CPU_TBB_NUM_WORKERS ?? DEFAULT_WORKERS);
  if (kernels < workers) return;
  throw new WorkbenchError(
    'unsupported',
    `The emulator runs ${workers - 1} kernels at once, not ${kernels}`,
    {
      remedy: `Set CL_CONFIG_CPU_TBB_NUM_WORKERS to ${kernels + 1}, or leave BNNW_FPGA_SCHEDULE unset.`,
    },
  );
}
