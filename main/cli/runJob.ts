/** Runs one job to its end, with progress and Ctrl-C. */
import type { HostEvent } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import type { SessionDocument } from '../../core/session/schema';
import type { Host } from '../host/host';
import { adviceText } from './listCommands';
import { progressView } from './progress';
import type { Terminal } from './terminal';

export interface FinishedJob {
  session: SessionDocument;
  /** Its file. */
  path: string;
  interrupted: boolean;
}

/**
 * The first Ctrl-C ends the run after the batch in flight; the second one does not wait.
 * @param start asks the host for the job
 * @param onEvent sees each event after the progress did
 * @throws WorkbenchError `usage`, `unknown-name`, `storage`
 */
export async function runJob(
  host: Host,
  terminal: Terminal,
  start: () => Promise<{ jobId: string }>,
  quiet: boolean,
  onEvent: (event: HostEvent) => void = () => undefined,
): Promise<FinishedJob> {
  for (const doubt of await host.doubtfulDevices()) terminal.stderr.write(adviceText(doubt));
  const progress = quiet ? null : progressView(terminal);
  let jobId: string | null = null;
  let interrupts = 0;
  const stopInterrupts = terminal.onInterrupt(() => {
    interrupts++;
    if (interrupts > 1) process.exit(130);
    terminal.stderr.write('Ctrl-C: ends after the batch in flight\n');
    if (jobId !== null) void host.cancelJob(jobId);
  });
  let stopEvents = () => {};
  try {
    const finished = new Promise<Extract<HostEvent, { kind: 'job-finished' }>>((resolve) => {
      stopEvents = host.onEvent((event) => {
        progress?.show(event);
        onEvent(event);
        if (event.kind === 'job-finished') resolve(event);
      });
    });
    const started = await start();
    jobId = started.jobId;
    if (interrupts > 0) await host.cancelJob(jobId);
    const { outcome, error, sessionId } = await finished;
    if (error) throw WorkbenchError.from(error);
    const session = await host.openSession(sessionId);
    return { session, path: host.sessionPath(sessionId), interrupted: outcome === 'cancelled' };
  } finally {
    stopEvents();
    stopInterrupts();
    progress?.end();
  }
}
