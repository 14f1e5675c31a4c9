/** `bnnw rerun`. */
import { WorkbenchError } from '../../core/errors';
import { compareRuns, differencesBetween, isEmulated } from '../../core/evaluation/comparison';
import { deviceLabel } from '../../core/report/deviceLabel';
import { formatCount, formatNumber, NOT_MEASURED } from '../../core/report/format';
import type { Run, SessionDocument } from '../../core/session/schema';
import type { Host } from '../host/host';
import { jobOfCommand } from '../host/jobCommand';
import { findSession } from '../host/sessionFile';
import type { CommandLine } from './commandLine';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './failure';
import { failureText } from './progress';
import { runJob } from './runJob';
import { printable, type Terminal, table } from './terminal';

/**
 * Repeats a session and says of each run whether its answers are the same and whether its time is.
 * @returns the exit code: failed where a run did not repeat or gave other answers
 */
export async function rerunCommand(
  host: Host,
  terminal: Terminal,
  name: string,
  options: { quiet?: boolean; verbose?: boolean },
): Promise<number> {
  const before = await findSession(host, name);
  requireUnmerged(before);
  const job = jobOfCommand(before.command);
  await host.listDevices();
  const finished = await runJob(host, terminal, () => host.startJob(job), options.quiet === true);
  const { session, path, interrupted } = finished;
  const comparisons = before.runs.map((run) => compareWith(run, before, session));
  if (comparisons.length > 0)
    terminal.stdout.write(
      table(
        HEADS,
        comparisons.map(({ cells }) => cells),
      ),
    );
  for (const failure of session.failures)
    terminal.stderr.write(failureText(failure, options.verbose === true));
  terminal.stderr.write(printable(`session: ${path}\n`));
  if (interrupted) return EXIT_INTERRUPTED;
  return comparisons.every(({ repeated }) => repeated) ? EXIT_DONE : EXIT_FAILED;
}

/** A merged session was measured by several commands, each on its own machine. @throws WorkbenchError `usage` */
function requireUnmerged({ name, runs }: SessionDocument): void {
  const parts = new Set(runs.flatMap(({ origin }) => (origin ? [origin.sessionId] : [])));
  if (parts.size === 0) return;
  throw new WorkbenchError('usage', `${name} was merged from other sessions: no single command repeats it.`, {
    remedy: `Repeat its parts: ${[...parts].map((id) => `\`npx bnnw rerun ${id}\``).join(', ')}.`,
  });
}

const HEADS = ['model', 'device', 'precision', 'batch', 'answers', 'time', 'not alike'];

function compareWith(run: Run, before: SessionDocument, after: SessionDocument) {
  const head = [run.model.id, deviceLabel(run.device), run.precision, formatCount(run.batchSize)];
  const again = after.runs.find(
    (each) =>
      each.device.id === run.device.id &&
      each.model.sha256 === run.model.sha256 &&
      each.precision === run.precision &&
      each.batchSize === run.batchSize,
  );
  if (!again) return { repeated: false, cells: [...head, 'not repeated', '', ''] };
  const changed = again.predictions.filter((prediction, i) => prediction !== run.predictions[i]).length;
  const machines = { run: after.machine, baseline: before.machine };
  const compared = compareRuns(again, run);
  const answers = changed === 0 ? 'the same' : `${formatCount(changed)} changed`;
  const notAlike = differencesBetween(again, run, machines).map(({ text }) => text);
  return {
    repeated: changed === 0,
    cells: [
      ...head,
      answers,
      compared
        ? `${compared.verdict} (${formatNumber(compared.ratio)} x${isEmulated(run) ? ', both emulated' : ''})`
        : NOT_MEASURED,
      notAlike.join('; '),
    ],
  };
}

export function addRerunCommand({ command, host, terminal, end }: CommandLine): void {
  command(
    'rerun <SESSION>',
    'repeat a session on this machine and compare: an id, or the path of a session.json',
  )
    .option('--quiet', 'without progress')
    .action(async (session: string, options: { quiet?: boolean; verbose?: boolean }) =>
      end(await rerunCommand(host, terminal, session, options)),
    );
}
