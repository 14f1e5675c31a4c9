/** What the portable kernels adapt to a device: tile sizes and work-groups. */
import type { DeviceInfo } from '../../../../native';

export interface Tuning {
  /** Floats of a vector, which is a register on a CPU. */
  vector: 4 | 8 | 16;
  /** Vectors of output channels of a work-item. */
  vectors: number;
  /** Pixels of a work-item, each with its sums: as many as fit the registers beside the operands. */
  pixels: number;
  /** Tiles of a work-item, at most: the weights of a run are used for one after another. */
  tiles: number;
  /** Tiles of a work-item from which one-bit weights are stored as floats. */
  unpackFrom: number;
  /** Output channels whose weights lie together; a multiple of those of a work-item. */
  group: number;
  /** Largest work-group: neighbours in the channels, and work-items in all. */
  localChannels: number;
  localItems: number;
}

/**
 * A GPU wants narrow work-items and neighbours that read neighbouring addresses; anything else runs a work-item
 * as a loop body, with its own vector registers: 32 of 16 floats (AVX-512), else 16 of 8.
 */
export function portableTuning(device: DeviceInfo): Tuning {
  const gpu = {
    vector: 4,
    vectors: 1,
    pixels: 8,
    tiles: 1,
    unpackFrom: Number.POSITIVE_INFINITY,
    group: 128,
    localChannels: 32,
    localItems: 128,
  } as const;
  if (device.type === 'gpu') return gpu;
  const cpu = { tiles: 64, unpackFrom: 32, localChannels: 1, localItems: 64 };
  if (device.preferredVectorWidths.float >= 16)
    return { ...cpu, vector: 16, vectors: 1, pixels: 16, group: 16 };
  return { ...cpu, vector: 8, vectors: 2, pixels: 6, group: 16 };
}

/** A work-group that divides the global size, as OpenCL 1.2 asks. */
export function workGroup(global: number[], tuning: Tuning, maxItems: number): number[] {
  const items = Math.min(tuning.localItems, maxItems);
  const channels = largestDivisor(global[0]!, Math.min(tuning.localChannels, items));
  const tiles = largestDivisor(global[1]!, Math.floor(items / channels));
  return [channels, tiles, ...global.slice(2).map(() => 1)];
}

function largestDivisor(n: number, limit: number): number {
  let divisor = Math.min(n, limit);
  while (n % divisor !== 0) divisor--;
  return divisor;
}
