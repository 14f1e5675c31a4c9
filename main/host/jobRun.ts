/** Runs the cells of one job one after another, each in a device process of its own. */
import { performance } from 'node:perf_hooks';
import type { HostEvent, RunPhase } from '../../core/contract/host';
import type { RunRequest } from '../../core/contract/job';
import { describeError } from '../../core/errors';
import type { FailedRun, Run } from '../../core/session/schema';
import type { SensorSearch } from '../power/sensor';
import { describeCircumstances } from './circumstances';
import { type ConversationOptions, converse } from './conversation';
import type { FoundDevice } from './deviceListing';
import type { Gate } from './gate';
import type { DeviceProcessLauncher } from './launcher';
import type { Quarantine } from './quarantine';
import { RunEnergy } from './runEnergy';
import { RunRecord } from './runRecord';
import type { SessionWriter } from './sessionStore';
import { TimeLeft } from './timeLeft';

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

export interface JobParts {
  jobId: string;
  cells: Cell[];
  writer: SessionWriter;
  launch: DeviceProcessLauncher;
  cancelled: AbortSignal;
  gate: Gate;
  emit(event: HostEvent): void;
  quarantine: Quarantine;
  /** The sensors that cover a device. */
  findSensors(device: FoundDevice['info']): Promise<SensorSearch>;
  /** Shorter in tests. */
  conversation?: Pick<ConversationOptions, 'patienceMs' | 'graceMs'> | undefined;
}

/**
 * A run that fails is recorded and the next one starts.
 * @throws WorkbenchError `storage` where nothing can be recorded any more
 */
export async function runCells(parts: JobParts): Promise<void> {
  const timeLeft = new TimeLeft(parts.cells.map((cell) => cell.work));
  for (const [runIndex, cell] of parts.cells.entries()) {
    await parts.gate.pass(parts.cancelled);
    if (parts.cancelled.aborted) return;
    await runCell(parts, cell, runIndex, timeLeft);
  }
}

async function runCell(parts: JobParts, cell: Cell, runIndex: number, timeLeft: TimeLeft): Promise<void> {
  const { jobId, writer, emit } = parts;
  const { precision, batchSize } = cell.request;
  const startedAt = new Date().toISOString();
  timeLeft.startRun(performance.now());
  const head = { deviceName: cell.device.info.name, modelId: cell.modelId, precision, batchSize };
  await writer.append({ kind: 'run-started', cell: cell.index, ...head, at: startedAt });

  let record: RunRecord | null = null;
  const share = () => (record ? record.doneImages / record.totalImages : 0);
  const tell = (phase: RunPhase, detail: string | null) => {
    const { doneImages, totalImages, correctImages } = record ?? NOTHING_YET;
    emit({
      kind: 'run-progress',
      jobId,
      runIndex,
      totalRuns: parts.cells.length,
      ...head,
      phase,
      ...(detail === null ? {} : { detail }),
      doneImages,
      totalImages,
      correctImages,
      secondsLeft: timeLeft.estimate(share(), performance.now()),
    });
  };

  const circumstances = describeCircumstances();
  const energy = await RunEnergy.begin(await parts.findSensors(cell.device.info), parts.cancelled);
  try {
    await parts.quarantine.check(cell.device.info);
    for await (const message of conversationFor(parts, cell)) {
      switch (message.kind) {
        case 'phase':
          if (message.phase === 'running') timeLeft.startImages(performance.now());
          tell(message.phase, message.detail);
          break;
        case 'ready': {
          const { imageIndices, labels } = message;
          record = new RunRecord(cell.request, message, startedAt);
          await writer.append({ kind: 'images', cell: cell.index, imageIndices, labels });
          break;
        }
        case 'chunk':
          if (!record) throw new Error('the device process gave answers before it was ready');
          record.add(message);
          await writer.append({ kind: 'chunk', cell: cell.index, predictions: message.predictions });
          tell('running', null);
          break;
        case 'repeats':
          record?.addRepeats(message);
          tell('running', null);
          break;
        case 'timed':
          record?.setTimed(message);
          break;
        case 'finished':
          break;
        case 'listed':
        case 'calibrated':
        case 'imported':
        case 'inspected':
        case 'failed':
          throw new Error(`the device process answered a run with ${message.kind}`);
      }
    }
    if (!record) throw new Error('the device process finished before it was ready');
    const finishedAt = new Date().toISOString();
    await energy.rest(parts.cancelled);
    await energy.end();
    const run: Run = record.finish(finishedAt, circumstances, energy);
    await writer.append({ kind: 'run-finished', cell: cell.index, run });
    await parts.quarantine.succeeded(run.device.id);
    emit({ kind: 'run-finished', jobId, sessionId: writer.id, runIndex, run });
  } catch (thrown) {
    const failure = await recordFailure(writer, cell.index, thrown);
    await parts.quarantine.failed(cell.device.info.id, describeError(thrown));
    emit({ kind: 'run-failed', jobId, sessionId: writer.id, runIndex, failure });
  } finally {
    await energy.end();
    timeLeft.endRun(share(), performance.now());
  }
}

const NOTHING_YET = { doneImages: 0, totalImages: 0, correctImages: 0 };

function conversationFor(parts: JobParts, { request, device }: Cell) {
  return converse(
    parts.launch,
    device.driver.environment,
    { kind: 'run', request },
    {
      subject: device.info.name,
      cancelled: parts.cancelled,
      ...parts.conversation,
    },
  );
}

async function recordFailure(writer: SessionWriter, cell: number, thrown: unknown): Promise<FailedRun> {
  const at = new Date().toISOString();
  await writer.append({ kind: 'run-failed', cell, at, error: describeError(thrown) });
  return writer.document().failures.at(-1)!;
}
