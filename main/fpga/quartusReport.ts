/**
 * `acl_quartus_report.txt`, which `aoc` writes beside an image and puts into it: lines of `NAME: VALUE`, where a
 * value is a number, or `USED / ALL ( PERCENT % )`. Blocks of memory are called RAM blocks, or by their kind.
 */
import { CLOCKS_MHZ } from '../../core/fpga/estimate';
import { type ImageResources, type ImageUsage, shownName } from '../../core/fpga/image';

export interface QuartusReport {
  /** That the kernels' clock was set to. */
  clockMHz: number | null;
  resources: ImageResources | null;
  /** Lines whose figure is none, or none that a part can have. */
  unreadableLines: string[];
}

/** Number words of the report: `2065`, or `2,065`. */
const COUNT = String.raw`\d{1,3}(?:,\d{3})*|\d+`;
const USAGE = new RegExp(String.raw`^(${COUNT})(?:\s*/\s*(${COUNT}))?(?:\s*\(.*\))?$`);
/** No part has so many of anything that is counted. */
const MOST = 1e9;
const NOT_AVAILABLE = /^n\/?a$/i;

/** What is missing is null, and so is what cannot be read. */
export function parseQuartusReport(text: string): QuartusReport {
  const values = new Map<string, { line: string; value: string }>();
  for (const line of text.split(/\r?\n/).slice(0, 1000)) {
    const match = /^([^:]{1,100}):\s*(.{1,200}?)\s*$/.exec(line);
    if (match) values.set(match[1]!.trim().toLowerCase(), { line: line.trim(), value: match[2]! });
  }
  const unreadableLines: string[] = [];
  const figure = <T>(names: string[], read: (value: string) => T | null): T | null => {
    const found = names.map((name) => values.get(name)).find((each) => each !== undefined);
    if (found === undefined || NOT_AVAILABLE.test(found.value)) return null;
    const value = read(found.value);
    if (value === null) unreadableLines.push(shownName(found.line));
    return value;
  };
  const resources = {
    logic: figure(['logic utilization'], usage),
    memoryBlocks: figure(['ram blocks', 'm20k blocks', 'm10k blocks'], usage),
    dspBlocks: figure(['dsp blocks'], usage),
  };
  const clockMHz = figure(['actual clock freq'], clock);
  const isTold = Object.values(resources).some((each) => each !== null);
  return { clockMHz, resources: isTold ? resources : null, unreadableLines };
}

function usage(value: string): ImageUsage | null {
  const match = USAGE.exec(value);
  if (!match) return null;
  const number = (digits: string) => Number(digits.replaceAll(',', ''));
  const used = number(match[1]!);
  const of = match[2] === undefined ? null : number(match[2]);
  return used <= (of ?? MOST) && of !== 0 && (of ?? 0) <= MOST ? { used, of } : null;
}

function clock(value: string): number | null {
  return /^\d+(\.\d+)?$/.test(value) ? possibleClock(Number(value)) : null;
}

/** Null where no kernel can have it. */
export function possibleClock(clockMHz: number): number | null {
  return clockMHz >= CLOCKS_MHZ.least && clockMHz <= CLOCKS_MHZ.most ? clockMHz : null;
}
