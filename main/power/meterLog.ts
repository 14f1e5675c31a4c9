import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkbenchError } from '../../core/errors';
import type { PowerScope, Reading, SensorDescription } from '../../core/power/readings';
import type { PowerSensor } from './sensor';

const MAX_BYTES = 256 * 2 ** 20;
/** More than three weeks of a reading a second; each takes some 80 bytes of memory. */
const MAX_READINGS = 2_000_000;
const MAX_LINE_BYTES = 4096;

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
  const found = await stat(path).catch((error: unknown) => {
    throw new WorkbenchError('refused-file', 'The meter log cannot be read.', {
      where: path,
      remedy: 'Give the path of the CSV that the meter writes, and start the meter before the run.',
      details: error instanceof Error ? error.message : String(error),
    });
  });
  // Before it is opened: to open a pipe can take for ever, and a device may never end.
  if (!found.isFile()) throw refuse(1, 'it is no regular file');
  if (found.size > MAX_BYTES) throw refuse(1, `it has ${found.size} bytes; at most ${MAX_BYTES} are read`);

  const readings: Reading[] = [];
  let columns: Columns | null = null;
  let line = 0;
  for await (const text of linesOf(path, found.size, () =>
    refuse(line + 1, `it has more than ${MAX_LINE_BYTES} bytes`),
  )) {
    line++;
    if (columns === null) {
      columns = columnsOf(text);
      if (columns === null) throw refuse(1, 'the header names no columns time and watts');
      continue;
    }
    if (text.trim() === '') continue;
    const cells = text.split(columns.separator);
    const time = cells[columns.time]?.trim() ?? '';
    const power = cells[columns.watts]?.trim() ?? '';
    const atMs = parseTime(time);
    const watts = /^\d+(\.\d+)?$/.test(power) ? Number(power) : null;
    if (atMs === null) throw refuse(line, `"${time}" is no time`);
    if (watts === null || !Number.isFinite(watts)) throw refuse(line, `"${power}" is no power in watts`);
    const previous = readings[readings.length - 1];
    if (previous !== undefined && atMs - clockAheadMs <= previous.atMs)
      throw refuse(line, 'the time does not rise');
    if (readings.length === MAX_READINGS) throw refuse(line, `it has more than ${MAX_READINGS} readings`);
    readings.push({ atMs: atMs - clockAheadMs, value: watts });
  }
  if (readings.length < 2) throw refuse(Math.max(1, line), 'it has fewer than two readings');
  const spans = Float64Array.from({ length: readings.length - 1 }, (_, i) => {
    return readings[i + 1]!.atMs - readings[i]!.atMs;
  });
  const description: SensorDescription = {
    id: `meter:${basename(path)}`,
    source: `meter log ${basename(path)}`,
    origin: 'meter-log',
    scope,
    kind: 'power',
    updateMs: spans.sort()[spans.length >> 1]!,
    averagingMs: null,
    duty: 1,
    relativeUncertainty: null,
    wrapJ: null,
  };
  return { description, readings };
}

interface Columns {
  separator: string;
  time: number;
  watts: number;
}

/** Null where the header names none. */
function columnsOf(header: string): Columns | null {
  const separator = header.includes(';') ? ';' : ',';
  const names = header
    .replace(/^\uFEFF/, '')
    .split(separator)
    .map((name) => name.trim().toLowerCase());
  const columns = { separator, time: names.indexOf('time'), watts: names.indexOf('watts') };
  return columns.time < 0 || columns.watts < 0 ? null : columns;
}

/** The lines of the first `bytes` bytes, one by one: a meter may write while it is read. */
async function* linesOf(path: string, bytes: number, tooLong: () => WorkbenchError): AsyncGenerator<string> {
  if (bytes === 0) return;
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'utf8', end: bytes - 1 })) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.length > MAX_LINE_BYTES) throw tooLong();
      yield line;
    }
    if (rest.length > MAX_LINE_BYTES) throw tooLong();
  }
  yield rest;
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
