/** What processes use of the processor, by Linux's own account. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const TICKS_A_SECOND = 100; // sysconf(_SC_CLK_TCK) of Linux

/** Ticks that a process and all below it have used. @param {number} root */
function ticksBelow(root) {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return [
          { pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) },
        ];
      } catch {
        return [];
      }
    });
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid);
  }
  return stats.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
}

/**
 * @param {number} root a process; all below it count
 * @param {number} spanMs how long to watch
 * @returns {Promise<number>} share of one core
 */
export async function cpuShare(root, spanMs) {
  const before = ticksBelow(root);
  await wait(spanMs);
  return (ticksBelow(root) - before) / TICKS_A_SECOND / (spanMs / 1000);
}
