/** What every format of a report says: the runs of a session, how they compare, and where they come from. */
import type { SessionDocument } from '../session/schema';
import { type RunView, type SessionView, viewOf } from '../session/view';
import { dashboard, type Panel, usualBaselines } from './figures/dashboard';
import type { Clock } from './figures/input';

export interface ReportOptions {
  clock: Clock;
  /** Runs that others of their data set are compared with. Data sets without one take the usual baseline. */
  baselineIds: readonly string[];
  /** Devices in the order of their colours; those that are not named come after them. */
  deviceIds: readonly string[];
}

export const USUAL_REPORT: ReportOptions = { clock: 'endToEnd', baselineIds: [], deviceIds: [] };

export interface ReportContent {
  session: SessionDocument;
  runs: RunView[];
  failures: SessionView['failures'];
  clock: Clock;
  /** By data set. */
  baselines: Record<string, RunView>;
  panels: Panel[];
  /** Every device of the runs, in the order of their colours. */
  deviceIds: string[];
}

/**
 * @param session one that was measured, or several that were merged
 * @param runIds the runs that it is about; null for all
 */
export function reportContent(
  session: SessionDocument,
  options: ReportOptions,
  runIds: readonly string[] | null = null,
): ReportContent {
  const { runs: all, failures } = viewOf(session);
  const named = runIds === null ? null : new Set(runIds);
  const runs = named === null ? all : all.filter(({ id }) => named.has(id));
  const chosen = all.filter(({ id }) => options.baselineIds.includes(id));
  const baselines = {
    ...usualBaselines(runs),
    ...Object.fromEntries(chosen.map((run) => [run.dataset.id, run])),
  };
  return {
    session,
    runs,
    failures,
    clock: options.clock,
    baselines,
    panels: dashboard(runs, { clock: options.clock, baselines }),
    deviceIds: [...new Set([...options.deviceIds, ...runs.map(({ device }) => device.id)])],
  };
}
