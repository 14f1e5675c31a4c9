/** What a session that was interrupted or cancelled still has to run. */
import type { FailedRun, SessionDocument } from './schema';

/** What of a session tells which of its runs have ended. */
export interface Progress {
  plan?: Pick<NonNullable<SessionDocument['plan']>, 'runs'> | undefined;
  runs: readonly { cell?: number | undefined }[];
  failures: readonly { cell?: number | undefined; error: Pick<FailedRun['error'], 'kind'> }[];
}

/** Whether a run was cut off from outside. A run that failed has ended; this one is run again. */
export function isCut({ kind }: Pick<FailedRun['error'], 'kind'>): boolean {
  return kind === 'cancelled' || kind === 'interrupted';
}

/** The cells of the session's plan that have not ended, in order; none where it keeps no plan. */
export function unfinishedCells({ plan, runs, failures }: Progress): number[] {
  const ended = new Set(runs.map(({ cell }) => cell));
  for (const { cell, error } of failures) if (!isCut(error)) ended.add(cell);
  return Array.from({ length: plan?.runs ?? 0 }, (_, cell) => cell).filter((cell) => !ended.has(cell));
}
