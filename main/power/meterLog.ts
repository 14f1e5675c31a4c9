import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkbenchError } from '../../core/errors';
import type { PowerScope, Reading, SensorDescription } from '../../core/power/readings';
import type { PowerSensor } from './sensor';

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ROWS = 10_000_000;

export interface MeterLog {
  description: SensorDescription;
  /** On the clock of the log: milliseconds since 1970, plus the given clock difference. */
  readings: Reading[];
}

/** ISO 8601 with a time zone, or seconds or milliseconds since 1970 (told apart by their size). */
function parseTime(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    return value > 1e11 ? value : value * 1000;
  }
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const value = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(value) ? null : value;
}

/**
 * An external meter's log: a CSV with the columns `time` and `watts` (comma or semicolon, one header line).
 * Times are ISO 8601 with a zone, or seconds or milliseconds since 1970, rising.
 *
 * @param clockAheadMs how far the meter's clock is ahead of this machine's; it is subtracted
 * @throws WorkbenchError `refused-file` with the line and the reason
 */
export async function readMeterLog(path: string, scope: PowerScope, clockAheadMs: number): Promise<MeterLog> {
  const refuse = (line: number, reason: string) =>
    new WorkbenchError('refused-file', `${basename(path)} is no meter log: ${reason}`, {
      where: `${path}, line ${line}`,
      remedy: 'Give a CSV with a header line and the columns time and watts.',
    });
  const { size } = await stat(path).catch((error: unknown) => {
    throw new WorkbenchError('refused-file', 'The meter log cannot be read.', {
      where: path,
      remedy: 'Give the path of the CSV that the meter writes, and start the meter before the run.',
      details: error instanceof Error ? error.message : String(error),
    });
  });
  if (size > MAX_BYTES) throw refuse(1, `it has ${size} bytes; at most ${MAX_BYTES} are read`);
  const lines = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > MAX_ROWS) throw refuse(1, `it has ${lines.length} lines; at most ${MAX_ROWS} are read`);
  const separator = lines[0]!.includes(';') ? ';' : ',';
  const columns = lines[0]!.split(separator).map((name) => name.trim().toLowerCase());
  const timeColumn = columns.indexOf('time');
  const wattsColumn = columns.indexOf('watts');
  if (timeColumn < 0 || wattsColumn < 0) throw refuse(1, 'the header names no columns time and watts');

  const readings: Reading[] = [];
  for (let i = 1; i < lines.length; i++) {
    if (lines[i]!.trim() === '') continue;
    const cells = lines[i]!.split(separator).map((cell) => cell.trim());
    const atMs = parseTime(cells[timeColumn] ?? '');
    const watts = /^\d+(\.\d+)?$/.test(cells[wattsColumn] ?? '') ? Number(cells[wattsColumn]) : null;
    if (atMs === null) throw refuse(i + 1, `"${cells[timeColumn] ?? ''}" is no time`);
    if (watts === null) throw refuse(i + 1, `"${cells[wattsColumn] ?? ''}" is no power in watts`);
    const previous = readings[readings.length - 1];
    if (previous !== undefined && atMs - clockAheadMs <= previous.atMs)
      throw refuse(i + 1, 'the time does not rise');
    readings.push({ atMs: atMs - clockAheadMs, value: watts });
  }
  if (readings.length < 2) throw refuse(lines.length, 'it has fewer than two readings');
  const spans = readings.slice(1).map((reading, i) => reading.atMs - readings[i]!.atMs);
  const description: SensorDescription = {
    id: `meter:${basename(path)}`,
    source: `meter log ${basename(path)}`,
    origin: 'meter-log',
    scope,
    kind: 'power',
    updateMs: spans.sort((a, b) => a - b)[spans.length >> 1]!,
    averagingMs: null,
    duty: 1,
    relativeUncertainty: null,
    wrapJ: null,
  };
  return { description, readings };
}

/** The meter's program may write a reading this much later. */
const LATENESS_MS = 5000;
const POLL_MS = 200;

/**
 * A meter whose program writes its log while runs are made.
 * @throws WorkbenchError as {@link readMeterLog}, for what is in the log by now
 */
export async function meterSensor(
  path: string,
  scope: PowerScope,
  clockAheadMs: number,
): Promise<PowerSensor> {
  const { description } = await readMeterLog(path, scope, clockAheadMs);
  return {
    description,
    read: async (nowMs) => ({ atMs: nowMs, value: null }),
    async collect(endMs) {
      const waitUntilMs = Date.now() + Math.max(LATENESS_MS, 2 * description.updateMs);
      for (;;) {
        const { readings } = await readMeterLog(path, scope, clockAheadMs).catch(() => ({ readings: [] }));
        const last = readings[readings.length - 1];
        if ((last !== undefined && last.atMs >= endMs) || Date.now() >= waitUntilMs) return readings;
        await wait(POLL_MS);
      }
    },
    close() {},
  };
}
