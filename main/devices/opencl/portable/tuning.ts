/** What the portable kernels adapt to a device: tile sizes and work-groups. */
import type { DeviceInfo } from '../../../../native';

export interface Tuning {
  /** Output channels of a work-item; one vector register's floats on a CPU. */
  vector: 4 | 8 | 16;
  /** Pixels of a work-item, each with a vector of sums: as many as fit the registers beside two operands. */
  pixels: number;
  /** Output channels whose weights lie together; a multiple of vector. */
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
  if (device.type === 'gpu') return { vector: 4, pixels: 8, group: 128, localChannels: 32, localItems: 128 };
  const wide = device.preferredVectorWidths.float >= 16;
  const vector = wide ? 16 : 8;
  return { vector, pixels: wide ? 16 : 8, group: vector, localChannels: 1, localItems: 64 };
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
