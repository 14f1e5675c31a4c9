import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/**
 * How many physical cores this process may use: two threads of one core share its arithmetic. On Linux, the cores
 * behind the process's affinity mask, and no more than its control group's share of time; elsewhere, where Node
 * cannot tell, the number of logical processors.
 * @param root where proc and sys lie
 */
export function physicalCores(root = '/'): number {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText(root, 'proc/self/status'))?.[1] ?? '';
  const cores = new Set<string>();
  for (const processor of processorNumbers(list)) {
    const siblings = readText(root, `sys/devices/system/cpu/cpu${processor}/topology/thread_siblings_list`);
    cores.add(siblings || `only ${processor}`);
  }
  return Math.max(1, Math.min(cores.size || cpus().length, shareOfTime(root)));
}

/** The numbers in a list such as `0-3,8`. */
function processorNumbers(list: string): number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** Processors' worth of time that the control group grants, rounded up. */
function shareOfTime(root: string): number {
  const [quota, period] = readText(root, 'sys/fs/cgroup/cpu.max').trim().split(' ').map(Number);
  return quota && period ? Math.ceil(quota / period) : Number.POSITIVE_INFINITY;
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return '';
  }
}
