/**
 * `NAME.xclbin.info`, the text that `v++` (or `xclbinutil --info`) writes about an image: headings, and lines of
 * `Key: value`. The clock that a build reached stands in it and not in the image where the shell's clocks are fixed.
 */
import { shownName } from '../../core/fpga/image';
import { possibleClock } from './quartusReport';

export interface XclbinInfo {
  /** MHz that the kernels' clock reached, or that it was set to; null where the text tells neither. */
  clockMHz: number | null;
  /** Lines with a clock that is none, or none that kernels can have. */
  unreadableLines: string[];
}

export function parseXclbinInfo(text: string): XclbinInfo {
  const blocks = text.slice(0, 2 ** 20).split(/\r?\n\s*\r?\n/);
  const fields = blocks.map((block) => {
    const pairs = [...block.matchAll(/^\s*([A-Za-z ]{1,40}):\s+(\S.{0,200}?)\s*$/gm)];
    return new Map(pairs.map(([, key, value]) => [key!.trim(), value!]));
  });
  const unreadableLines: string[] = [];
  const clocks = (key: string, among: typeof fields) =>
    among.flatMap((each) => {
      const value = each.get(key);
      if (value === undefined) return [];
      const clockMHz = megahertz(value);
      if (clockMHz === null) unreadableLines.push(shownName(`${key}: ${value}`));
      return clockMHz ?? [];
    });
  const reached = clocks('Achieved Freq', fields);
  if (reached.length > 0) return { clockMHz: Math.max(...reached), unreadableLines };
  const set = clocks(
    'Frequency',
    fields.filter((each) => each.get('Type') === 'DATA'),
  );
  return { clockMHz: set[0] ?? null, unreadableLines };
}

function megahertz(value: string): number | null {
  const match = /^(\d+(?:\.\d+)?) MHz$/.exec(value);
  return match && possibleClock(Number(match[1]));
}
