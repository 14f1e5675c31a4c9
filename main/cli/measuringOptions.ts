/** The options of a run that say how it is measured. */
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_TEMPERATURE, type Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import type { PowerScope } from '../../core/power/readings';
import { nearest } from '../host/nearest';
import { parseCount } from './options';

export interface MeasuringOptions {
  interleave?: boolean;
  coolDown?: number;
  layers?: boolean;
  draws?: number;
  temperature?: number;
  powerW?: number;
  meterLog?: string;
  meterAheadMs?: number;
  powerScope?: PowerScope;
}

const SCOPES: PowerScope[] = ['chip', 'package', 'board', 'wall'];

export function addMeasuringOptions(command: Command): Command {
  return command
    .option('--interleave', 'let the runs take turns (default: all scenarios but accuracy)')
    .option('--no-interleave', 'one run after another')
    .option(
      '--cool-down <SECONDS>',
      'rest so long before each run, or each group that takes turns',
      parseSeconds,
    )
    .option('--layers', 'time each step of the network too')
    .option('--draws <N>', 'draw the weights of a stochastic model so often, and average', parseCount)
    .option('--temperature <T>', `of the draws (default: ${DEFAULT_TEMPERATURE})`, parsePositive)
    .option('--power-w <WATTS>', 'a power that you know, marked as typed in', parsePositive)
    .option('--meter-log <FILE>', 'the CSV (time, watts) that an external meter is writing', String)
    .option('--meter-ahead-ms <MS>', "how far the meter's clock is ahead of this machine's", parseNumber)
    .option(
      '--power-scope <NAME>',
      `what the given power covers: ${SCOPES.join(', ')} (default: wall)`,
      parseScope,
    );
}

/** @throws WorkbenchError `usage` where options contradict each other */
export function measuringOf(options: MeasuringOptions): Partial<Job> {
  const { interleave, coolDown, layers, draws, temperature } = options;
  if (temperature !== undefined && draws === undefined) {
    throw new WorkbenchError('usage', '--temperature is of no use without --draws.');
  }
  const power = powerOf(options);
  return {
    ...(interleave === undefined ? {} : { interleave }),
    ...(coolDown === undefined ? {} : { coolDownMs: Math.round(coolDown * 1000) }),
    ...(layers ? { layers } : {}),
    ...(draws === undefined ? {} : { sampling: { draws, temperature: temperature ?? DEFAULT_TEMPERATURE } }),
    ...(power === undefined ? {} : { power }),
  };
}

function powerOf({
  powerW,
  meterLog,
  meterAheadMs,
  powerScope: scope = 'wall',
}: MeasuringOptions): Job['power'] {
  if (powerW !== undefined && meterLog !== undefined) {
    throw new WorkbenchError('usage', 'Give either --power-w or --meter-log.');
  }
  if (powerW !== undefined) return { kind: 'typed-in', watts: powerW, scope };
  if (meterLog !== undefined) {
    return { kind: 'meter-log', path: meterLog, scope, clockAheadMs: meterAheadMs ?? 0 };
  }
  return undefined;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value <= 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

function parseSeconds(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 600) throw new InvalidArgumentError('It must be from 0 to 600.');
  return value;
}

function parseScope(text: string): PowerScope {
  const scope = SCOPES.find((each) => each === text);
  if (scope) return scope;
  throw new InvalidArgumentError(`There is no scope ${text}. ${nearest(text, SCOPES)}`);
}
