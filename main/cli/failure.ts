/** How a command ends when something goes wrong. */
import { describeError, type ErrorDescription, type ErrorKind } from '../../core/errors';
import { printable, type Terminal } from './terminal';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;
export const EXIT_INTERRUPTED = 130;

export function exitCodeOf(kind: ErrorKind): number {
  switch (kind) {
    case 'usage':
    case 'unknown-name':
      return EXIT_WRONG_USE;
    case 'cancelled':
    case 'interrupted':
      return EXIT_INTERRUPTED;
    case 'refused-file':
    case 'unsupported':
    case 'device-failed':
    case 'device-lost':
    case 'wrong-answer':
    case 'not-available':
    case 'storage':
    case 'bug':
      return EXIT_FAILED;
  }
}

/** Tells what happened, where, and what to do; details on request, except for a bug, which keeps its stack. */
export function printError(terminal: Terminal, thrown: unknown, verbose: boolean): number {
  const error = describeError(thrown);
  terminal.stderr.write(errorText(error, verbose));
  return exitCodeOf(error.kind);
}

export function errorText(
  error: Omit<ErrorDescription, 'kind'> & { kind: string },
  verbose: boolean,
): string {
  const lines = [`error: ${error.message}`];
  if (error.where) lines.push(`where: ${error.where}`);
  if (error.remedy) lines.push(`to do: ${error.remedy}`);
  if (error.details && (verbose || error.kind === 'bug')) lines.push(error.details);
  else if (error.details) lines.push('more: repeat with --verbose');
  return `${printable(lines.join('\n'))}\n`;
}
