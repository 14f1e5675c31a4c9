/** One run and the device process that makes it, from the host's side. */
import { performance } from 'node:perf_hooks';
import type { HostEvent, RunPhase } from '../../core/contract/host';
import type { RunRequest } from '../../core/contract/job';
import { Conversation, type ConversationOptions } from './conversation';
import type { FoundDevice } from './deviceListing';
import type { DeviceProcessLauncher } from './launcher';
import type { FromDeviceProcess } from './protocol';
import { contradiction, RunRecord } from './runRecord';
import type { SessionWriter } from './sessionWriter';
import type { TimeLeft } from './timeLeft';

export interface Cell {
  /** Its place in the session's plan. */
  index: number;
  request: RunRequest;
  device: FoundDevice;
  /** For a person. */
  modelId: string;
  /** Grows with the time that the run takes; see {@link TimeLeft}. */
  work: number;
}

export interface OpenRunParts {
  jobId: string;
  cell: Cell;
  /** The cell's place in the job. */
  runIndex: number;
  totalRuns: number;
  writer: SessionWriter;
  launch: DeviceProcessLauncher;
  cancelled: AbortSignal;
  emit(event: HostEvent): void;
  timeLeft: TimeLeft;
  /** The power that is drawn now, watts; null where it is not known. */
  latestW(): number | null;
  /** Shorter in tests. */
  conversation?: Pick<ConversationOptions, 'patienceMs' | 'graceMs'> | undefined;
}

const NOTHING_YET = { doneImages: 0, totalImages: 0, correctImages: 0 };

/** Its owner closes it, which kills the process. */
export class OpenRun {
  /** Null until the process is ready. */
  record: RunRecord | null = null;
  readonly startedAt = new Date().toISOString();
  finishedAt = this.startedAt;
  private readonly head: {
    deviceName: string;
    modelId: string;
    precision: RunRequest['precision'];
    batchSize: number;
  };
  private conversation: Conversation | null = null;
  private turnStartedMs = 0;

  constructor(readonly parts: OpenRunParts) {
    const { cell } = parts;
    const { precision, batchSize } = cell.request;
    this.head = { deviceName: cell.device.info.name, modelId: cell.modelId, precision, batchSize };
  }

  /** Notes that the run begins; what goes wrong from now on is its failure. */
  async begin(): Promise<void> {
    const { writer, runIndex, timeLeft } = this.parts;
    timeLeft.beginSetup(runIndex, performance.now());
    await writer.append({
      kind: 'run-started',
      cell: this.parts.cell.index,
      ...this.head,
      at: this.startedAt,
    });
  }

  /** Until the first batch could be timed. @throws WorkbenchError */
  async prepare(): Promise<void> {
    const { cell, launch, cancelled, conversation, runIndex, timeLeft } = this.parts;
    const { info, driver } = cell.device;
    this.conversation = new Conversation(
      launch,
      driver.environment,
      { kind: 'run', request: cell.request },
      { subject: info.name, cancelled, ...conversation },
    );
    await this.readUntil('ready');
    timeLeft.endSetup(runIndex, performance.now());
  }

  /**
   * @param leastMs null: all that is left
   * @param turns whether other runs had the machine since the last turn
   * @throws WorkbenchError
   */
  async turn(leastMs: number | null, turns: boolean): Promise<void> {
    this.turnStartedMs = performance.now();
    this.conversation?.post({ kind: 'turn', leastMs, turns });
    await this.readUntil('yielded');
  }

  /** No turn comes any more. @throws WorkbenchError */
  async finish(): Promise<void> {
    this.conversation?.post({ kind: 'enough' });
    await this.readUntil('finished');
    this.finishedAt = new Date().toISOString();
    this.close();
  }

  close(): void {
    this.conversation?.close();
    this.parts.timeLeft.end(this.parts.runIndex);
  }

  private async readUntil(kind: FromDeviceProcess['kind']): Promise<void> {
    if (!this.conversation) throw new Error('the run has no process');
    for (;;) {
      const message = await this.conversation.next();
      await this.handle(message);
      if (message.kind === kind) return;
    }
  }

  private async handle(message: FromDeviceProcess): Promise<void> {
    const { writer, cell } = this.parts;
    switch (message.kind) {
      case 'phase':
        this.tell(message.phase, message.detail);
        break;
      case 'ready': {
        const { imageIndices, labels } = message;
        if (this.record) throw contradiction('it was ready twice');
        this.record = new RunRecord(cell.request, message, this.startedAt);
        await writer.append({ kind: 'images', cell: cell.index, imageIndices, labels });
        break;
      }
      case 'chunk':
        if (!this.record) throw contradiction('it gave answers before it was ready');
        this.record.add(message);
        await writer.append({
          kind: 'chunk',
          cell: cell.index,
          predictions: Array.from(message.predictions),
        });
        this.worked();
        this.tell('running', null);
        break;
      case 'repeats':
        this.record?.addRepeats(message);
        this.tell('running', null);
        break;
      case 'yielded':
        this.record?.endTurn(message);
        break;
      case 'measured':
        this.record?.setMeasured(message);
        break;
      case 'finished':
        break;
      case 'listed':
      case 'calibrated':
      case 'tuned':
      case 'imported':
      case 'inspected':
      case 'classified':
      case 'failed':
        throw contradiction(`it answered a run with ${message.kind}`);
    }
  }

  private worked(): void {
    const nowMs = performance.now();
    const { doneImages, totalImages } = this.record ?? { doneImages: 0, totalImages: 1 };
    this.parts.timeLeft.worked(this.parts.runIndex, doneImages / totalImages, nowMs - this.turnStartedMs);
    this.turnStartedMs = nowMs;
  }

  private tell(phase: RunPhase, detail: string | null): void {
    const { jobId, runIndex, totalRuns, emit, timeLeft, latestW } = this.parts;
    const { doneImages, totalImages, correctImages } = this.record ?? NOTHING_YET;
    const powerW = latestW();
    emit({
      kind: 'run-progress',
      jobId,
      runIndex,
      totalRuns,
      ...this.head,
      phase,
      ...(detail === null ? {} : { detail }),
      doneImages,
      totalImages,
      correctImages,
      ...(powerW === null ? {} : { powerW }),
      secondsLeft: timeLeft.estimate(performance.now()),
    });
  }
}
