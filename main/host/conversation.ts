/** One request to one device process, watched: it may answer, fail, crash, hang, or be cancelled. */
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../core/errors';
import { formatDuration } from '../../core/report/format';
import { describeIssue } from '../../core/session/document';
import type { DeviceProcess, DeviceProcessLauncher } from './launcher';
import { CANCEL_GRACE_MS, patienceAfterMs, START_PATIENCE_MS } from './patience';
import { type FromDeviceProcess, fromDeviceProcessSchema, type ToDeviceProcess } from './protocol';

/**
 * A timer that is so late tells of this process, not of the other one: it was stopped, as by Ctrl+Z, and with it
 * perhaps the other one. What that said meanwhile is read after the timers.
 */
const HELD_UP_MS = 1000;

export interface ConversationOptions {
  /** Whom an error names: a driver or a device. */
  subject: string;
  /** Asks the process to end; after a grace it is killed. */
  cancelled?: AbortSignal;
  /** Shorter in tests. */
  patienceMs?: (message: FromDeviceProcess | null) => number;
  graceMs?: number;
}

/**
 * Starts a process, puts the request to it, gives its messages one by one, and kills it at the end, however
 * the end comes about. Messages that arrive while the consumer works wait.
 * @throws WorkbenchError as {@link Conversation.next}
 */
export async function* converse(
  launch: DeviceProcessLauncher,
  environment: Record<string, string>,
  request: ToDeviceProcess,
  options: ConversationOptions,
): AsyncGenerator<FromDeviceProcess, void, undefined> {
  const conversation = new Conversation(launch, environment, request, options);
  try {
    for (;;) {
      const message = await conversation.next();
      yield message;
      if (message.kind === 'listed' || message.kind === 'finished') return;
    }
  } finally {
    conversation.close();
  }
}

/** The same for one who also answers. Its owner closes it, which kills the process. */
export class Conversation {
  private readonly process: DeviceProcess;
  private readonly line: Line;

  constructor(
    launch: DeviceProcessLauncher,
    environment: Record<string, string>,
    request: ToDeviceProcess,
    options: ConversationOptions,
  ) {
    this.process = launch(environment);
    this.line = new Line(this.process, options);
    this.process.post(request);
  }

  /** @throws WorkbenchError `device-lost` where it crashed, hung or spoke nonsense; `cancelled`; its own failure */
  async next(): Promise<FromDeviceProcess> {
    const message = await this.line.next();
    if (message.kind === 'failed') throw WorkbenchError.from(message.error);
    return message;
  }

  /** Answers a process that waits. */
  post(message: ToDeviceProcess): void {
    this.line.resume();
    this.process.post(message);
  }

  /** May be called twice. */
  close(): void {
    this.line.close();
    this.process.kill();
  }
}

/** The messages of a process as a queue that ends in an error when the process does. */
class Line {
  private readonly arrived: FromDeviceProcess[] = [];
  private error: WorkbenchError | null = null;
  private wake: (() => void) | null = null;
  private timer: NodeJS.Timeout | undefined;
  private doing = 'starting';
  /** Until the host answers, silence is no sign of a hang. */
  private waiting = false;
  private patience: number;
  /** The process finishes the batches in flight before it reads that it shall end. */
  private batchMs = 0;
  private readonly onCancel = () => this.cancel();

  constructor(
    private readonly process: DeviceProcess,
    private readonly options: ConversationOptions,
  ) {
    this.patience = this.patienceAfter(null);
    process.onMessage((message) => this.receive(message));
    process.onExit(({ code, signal }) => {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      this.lose(`The process of ${options.subject} ended ${how} while ${this.doing}.`);
    });
    this.restartTimer();
    if (options.cancelled?.aborted) this.cancel();
    else options.cancelled?.addEventListener('abort', this.onCancel, { once: true });
  }

  async next(): Promise<FromDeviceProcess> {
    for (;;) {
      const message = this.arrived.shift();
      if (message) return message;
      if (this.error) throw this.error;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** The process has been answered and is expected to speak again. */
  resume(): void {
    this.waiting = false;
    this.doing = 'running';
    if (!this.error) this.restartTimer();
  }

  close(): void {
    clearTimeout(this.timer);
    this.options.cancelled?.removeEventListener('abort', this.onCancel);
    this.error ??= new WorkbenchError('cancelled', 'The conversation is over.');
  }

  private receive(raw: unknown): void {
    if (this.error) return;
    const parsed = fromDeviceProcessSchema.safeParse(raw);
    if (!parsed.success) {
      this.lose(`The process of ${this.options.subject} sent nonsense: ${describeIssue(parsed.error)}.`);
      return;
    }
    const message = parsed.data;
    if (message.kind === 'phase') this.doing = message.phase;
    this.waiting = message.kind === 'ready' || message.kind === 'yielded';
    if (this.waiting) this.doing = 'waiting for its turn';
    if ('expectedMs' in message) this.batchMs = message.expectedMs ?? 0;
    this.patience = this.patienceAfter(message);
    this.restartTimer();
    this.arrived.push(message);
    this.wake?.();
  }

  private restartTimer(): void {
    // A cancelled process is on its grace already.
    if (this.options.cancelled?.aborted) return;
    clearTimeout(this.timer);
    if (this.waiting) return;
    const dueMs = performance.now() + this.patience;
    this.timer = setTimeout(() => this.expire(dueMs), this.patience);
  }

  private expire(dueMs: number): void {
    if (performance.now() - dueMs > HELD_UP_MS) {
      this.restartTimer();
      return;
    }
    this.lose(
      `The process of ${this.options.subject} did not answer for ` +
        `${formatDuration(this.patience / 1000)} while ${this.doing}.`,
    );
  }

  private cancel(): void {
    clearTimeout(this.timer);
    this.process.post({ kind: 'cancel' } satisfies ToDeviceProcess);
    const grace = (this.options.graceMs ?? CANCEL_GRACE_MS) + this.batchMs;
    this.timer = setTimeout(
      () =>
        this.end(new WorkbenchError('cancelled', 'The run was cancelled.', { where: this.options.subject })),
      grace,
    );
  }

  private lose(message: string): void {
    this.end(
      new WorkbenchError('device-lost', message, {
        where: this.options.subject,
        remedy: 'What was finished is kept. Run it again; if it happens again, update the driver.',
        details: this.process.output() || null,
      }),
    );
  }

  private end(error: WorkbenchError): void {
    clearTimeout(this.timer);
    this.error ??= error;
    this.wake?.();
  }

  private patienceAfter(message: FromDeviceProcess | null): number {
    if (this.options.patienceMs) return this.options.patienceMs(message);
    return message ? patienceAfterMs(message) : START_PATIENCE_MS;
  }
}
