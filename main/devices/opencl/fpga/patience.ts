/** How long a chain of kernels may take: where a word is missing in a channel, it waits for ever. */
import { type IntegerLayer, multiplyAdds } from '../integer/layers';
import type { Schedule } from './network';

/**
 * Multiply-adds a second that are reached at least, on a busy machine. In the emulator a blocked kernel spins, so
 * kernels that all run at once are slow.
 */
const SLOWEST: Record<Schedule | 'board', number> = { 'at once': 5e6, 'one after another': 1e8, board: 1e9 };
const LONGEST_START_MS = 60_000;

/** A batch that takes longer hangs. */
export function longestMs(
  layers: readonly IntegerLayer[],
  batchSize: number,
  where: Schedule | 'board',
): number {
  const work = layers.reduce((sum, layer) => sum + multiplyAdds(layer), 0) * batchSize;
  return LONGEST_START_MS + (1000 * work) / SLOWEST[where];
}
