/**
 * `acl_quartus_report.txt`, which `aoc` writes beside an image and puts into it: lines of `NAME: VALUE`, where a
 * value is a number, or `USED / ALL ( PERCENT % )`. Blocks of memory are called RAM blocks, or by their kind.
 */
import type { ImageResources, ImageUsage } from '../../core/fpga/image';

export interface QuartusReport {
  /** That the kernels' clock was set to. */
  clockMHz: number | null;
  resources: ImageResources | null;
}

/** What is missing or no number is null. */
export function parseQuartusReport(text: string): QuartusReport {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(0, 1000)) {
    const match = /^([^:]{1,100}):\s*(.{1,200}?)\s*$/.exec(line);
    if (match) values.set(match[1]!.trim().toLowerCase(), match[2]!);
  }
  const used = (...names: string[]) => {
    const value = names.map((name) => values.get(name)).find((each) => each !== undefined);
    return value === undefined ? null : usage(value);
  };
  const resources = {
    logic: used('logic utilization'),
    memoryBlocks: used('ram blocks', 'm20k blocks', 'm10k blocks'),
    dspBlocks: used('dsp blocks'),
  };
  const any = Object.values(resources).some((each) => each !== null);
  const clock = Number(values.get('actual clock freq'));
  return { clockMHz: Number.isFinite(clock) && clock > 0 ? clock : null, resources: any ? resources : null };
}

function usage(value: string): ImageUsage | null {
  const match = /^([\d,]+)(?:\s*\/\s*([\d,]+))?(?:\s*\(.*\))?$/.exec(value);
  if (!match) return null;
  const number = (digits: string) => Number(digits.replaceAll(',', ''));
  return { used: number(match[1]!), of: match[2] === undefined ? null : number(match[2]) };
}
