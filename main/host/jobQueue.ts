/** The jobs of a host: one runs, the others wait. Two at once would disturb each other's times. */
import type { HostEvent, JobSummary } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { describeError, type ErrorDescription, WorkbenchError } from '../../core/errors';
import { Gate } from './gate';
import { type Cell, type JobParts, runCells } from './jobRun';
import type { SessionWriter } from './sessionWriter';

/** What a job does not bring with it. */
export type Workshop = Omit<JobParts, 'jobId' | 'job' | 'cells' | 'writer' | 'cancelled' | 'gate' | 'emit'>;

interface QueuedJob {
  jobId: string;
  request: Job;
  cells: Cell[];
  writer: SessionWriter;
  cancellation: AbortController;
  gate: Gate;
  state: 'queued' | 'running' | 'paused';
}

export class JobQueue {
  private readonly jobs = new Map<string, QueuedJob>();
  private begun = 0;
  /** Ends when all jobs have ended. */
  private line: Promise<void> = Promise.resolve();

  constructor(
    private readonly workshop: Workshop,
    private readonly emit: (event: HostEvent) => void,
  ) {}

  /** The writer is closed when the job ends. */
  add(request: Job, cells: Cell[], writer: SessionWriter): { jobId: string; sessionId: string } {
    const jobId = `job-${++this.begun}`;
    const sessionId = writer.id;
    const waits = this.jobs.size > 0;
    const cancellation = new AbortController();
    const gate = new Gate();
    const job: QueuedJob = { jobId, request, cells, writer, cancellation, gate, state: 'queued' };
    this.jobs.set(jobId, job);
    if (waits) this.emit({ kind: 'job-queued', ...summaryOf(job) });
    this.line = this.line.then(() => this.run(job));
    return { jobId, sessionId };
  }

  /** Waits its turn for something that would disturb the times of a run. */
  after<T>(action: () => Promise<T>): Promise<T> {
    const done = this.line.then(action);
    this.line = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** The one that runs first. */
  list(): JobSummary[] {
    return [...this.jobs.values()].map(summaryOf);
  }

  /** @throws WorkbenchError `unknown-name` */
  async cancel(jobId: string): Promise<void> {
    const job = this.find(jobId);
    job.cancellation.abort();
    // One that waits in the line need not wait to be ended.
    if (job.state === 'queued') await this.end(job, null);
  }

  /** @throws WorkbenchError `unknown-name` */
  pause(jobId: string): void {
    this.find(jobId).gate.pause();
  }

  /** @throws WorkbenchError `unknown-name` */
  continue(jobId: string): void {
    this.find(jobId).gate.continue();
  }

  /** Cancels every job and returns when their sessions are closed. */
  async close(): Promise<void> {
    for (const { cancellation } of this.jobs.values()) cancellation.abort();
    await this.line;
  }

  private find(jobId: string): QueuedJob {
    const job = this.jobs.get(jobId);
    if (job) return job;
    throw new WorkbenchError('unknown-name', `No job ${jobId} is running.`);
  }

  /** Never rejects: whatever goes wrong ends the job with an event. */
  private async run(job: QueuedJob): Promise<void> {
    const { jobId, request, cells, writer, cancellation, gate } = job;
    if (!this.jobs.has(jobId)) return;
    job.state = 'running';
    this.emit({ kind: 'job-started', jobId, sessionId: writer.id, totalRuns: cells.length });
    gate.onWaiting = (waits) => {
      job.state = waits ? 'paused' : 'running';
      this.emit({ kind: waits ? 'job-paused' : 'job-continued', jobId });
    };
    let error: ErrorDescription | null = null;
    try {
      const cancelled = cancellation.signal;
      const emit = (event: HostEvent) => this.emit(event);
      await runCells({ ...this.workshop, jobId, job: request, cells, writer, cancelled, gate, emit });
    } catch (thrown) {
      error = describeError(thrown);
    }
    await this.end(job, error);
  }

  private async end(
    { jobId, writer, cancellation }: QueuedJob,
    failure: ErrorDescription | null,
  ): Promise<void> {
    this.jobs.delete(jobId);
    let error = failure;
    try {
      await writer.close();
    } catch (thrown) {
      error ??= describeError(thrown);
    }
    const outcome = error ? 'failed' : cancellation.signal.aborted ? 'cancelled' : 'done';
    this.emit({ kind: 'job-finished', jobId, sessionId: writer.id, outcome, error });
  }
}

function summaryOf({ jobId, writer, cells, state, gate }: QueuedJob): JobSummary {
  const shown = state === 'running' && gate.isClosed ? 'pausing' : state;
  return { jobId, sessionId: writer.id, sessionName: writer.name, totalRuns: cells.length, state: shown };
}
