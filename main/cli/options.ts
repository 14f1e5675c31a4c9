/** Reads the values of options; what is wrong with one is told with the option's name. */
import { InvalidArgumentError } from 'commander';
import { WorkbenchError } from '../../core/errors';
import { CLOCKS_MHZ } from '../../core/fpga/estimate';
import { isPlainName } from '../../core/fpga/image';
import { PRECISIONS, type Precision } from '../../core/network/precision';
import { SCENARIOS, type Scenario } from '../../core/session/scenario';
import { nearest } from '../host/nearest';

export function parseList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('It has an empty name.');
  return [...new Set(names)];
}

export function parseText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** A board as an SDK names it; its plan and its image keep the name. */
export function parseBoardName(text: string): string {
  if (isPlainName(parseText(text))) return text;
  throw new InvalidArgumentError('It has more characters than 200, or characters that cannot be shown.');
}

export function parseCount(text: string): number {
  return parseInteger(text, 1, Number.MAX_SAFE_INTEGER);
}

export function parseClock(text: string): number {
  return parseInteger(text, CLOCKS_MHZ.least, CLOCKS_MHZ.most);
}

export function parseSeed(text: string): number {
  return parseInteger(text, 0, 0xffffffff);
}

export function parseBatchSizes(text: string): number[] {
  return parseList(text).map((each) => parseInteger(each, 1, 65536));
}

export function parsePrecisions(text: string): Precision[] {
  return parseList(text).map((name) => {
    const precision = PRECISIONS.find((each) => each === name);
    if (precision) return precision;
    throw new InvalidArgumentError(`There is no precision ${name}. ${nearest(name, PRECISIONS)}`);
  });
}

export function parseScenario(text: string): Scenario {
  const scenario = SCENARIOS.find((each) => each === text);
  if (scenario) return scenario;
  throw new InvalidArgumentError(`There is no scenario ${text}. ${nearest(text, SCENARIOS)}`);
}

export function parsePort(text: string): number {
  return parseInteger(text, 0, 65535);
}

function parseInteger(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER
        ? `It must be a whole number from ${least} on.`
        : `It must be a whole number from ${least} to ${most}.`,
    );
  }
  return value;
}

/**
 * An option that a command cannot do without. Commander would tell of a missing one before it tells of a
 * misspelt one.
 * @throws WorkbenchError `usage`
 */
export function required<T>(value: T | undefined, flag: string): T {
  if (value !== undefined) return value;
  throw new WorkbenchError('usage', `The option ${flag} is missing.`, { remedy: 'See `npx bnnw help`.' });
}
