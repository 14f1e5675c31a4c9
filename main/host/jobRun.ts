/**
 * Runs the cells of one job, each in a device process of its own: one after another, or in groups whose runs take
 * turns, so that load and heat that change with time fall on all that is compared.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { HostEvent } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { describeError, type ErrorDescription } from '../../core/errors';
import { RoundStability } from '../../core/evaluation/roundStability';
import type { FailedRun, Run } from '../../core/session/schema';
import { Random } from '../../core/statistics/random';
import { givenSensor } from '../power/given';
import type { SensorSearch } from '../power/sensor';
import { describeCircumstances } from './circumstances';
import type { ConversationOptions } from './conversation';
import type { FoundDevice } from './deviceListing';
import type { Gate } from './gate';
import { GroupPower } from './groupPower';
import type { DeviceProcessLauncher } from './launcher';
import { type Cell, OpenRun } from './openRun';
import type { Quarantine } from './quarantine';
import type { SessionWriter } from './sessionWriter';
import { TimeLeft } from './timeLeft';
import { groupCells, takesTurns } from './turnGroups';

export type { Cell } from './openRun';

export interface JobParts {
  jobId: string;
  job: Pick<Job, 'interleave' | 'scenario' | 'coolDownMs' | 'power'>;
  /** Those of the job that are to be run now. */
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

/** A turn of repeated batches, where runs alternate: short against what changes on a machine, long against a batch. */
const TURN_MS = 50;
const QUICK_TURN_MS = 20;

/** Characters of a failure's text. */
const MOST_IN_SENTENCE = 4000;
const MOST_IN_LOG = 200_000;

/**
 * A run that fails is recorded and the others go on.
 * @throws WorkbenchError `storage` where nothing can be recorded any more
 */
export async function runCells(parts: JobParts): Promise<void> {
  const timeLeft = new TimeLeft(parts.cells.map((cell) => cell.work));
  const groups = takesTurns(parts.job) ? groupCells(parts.cells) : parts.cells.map((_, index) => [index]);
  for (const group of groups) {
    await parts.gate.pass(parts.cancelled);
    if (parts.cancelled.aborted) return;
    await runGroup(parts, group, timeLeft);
  }
}

/** @param indices of the cells */
async function runGroup(parts: JobParts, indices: readonly number[], timeLeft: TimeLeft): Promise<void> {
  const { cancelled } = parts;
  await wait(parts.job.coolDownMs ?? 0, undefined, { signal: cancelled }).catch(() => undefined);
  const devices = indices.map((index) => parts.cells[index]!.device.info);
  const circumstances = describeCircumstances();
  const given = parts.job.power;
  const findSensors = given ? () => givenSensor(given) : parts.findSensors;
  const power = await GroupPower.begin(devices, findSensors, cancelled);
  const group = new Group(parts, power);
  try {
    for (const runIndex of indices) await group.open(runIndex, timeLeft);
    await group.takeTurns();
    await group.each((run) => run.finish());
    if (group.runs.length > 0) await power.rest(cancelled);
    await power.end();
    const id = indices.length > 1 ? randomUUID() : null;
    const finished = new Map<OpenRun, Run>();
    await group.each(async (run) => {
      finished.set(run, resultOf(run, circumstances, power, id));
    });
    for (const [run, result] of finished) await record(parts, run, result);
  } finally {
    group.close();
    await power.end();
  }
}

/** The runs of a group that have not failed. */
class Group {
  runs: OpenRun[] = [];
  /** What breaks several runs of a device at once is one failure of it. */
  private readonly blamed = new Set<string>();

  constructor(
    private readonly parts: JobParts,
    private readonly power: GroupPower,
  ) {}

  async open(runIndex: number, timeLeft: TimeLeft): Promise<void> {
    const { jobId, cells, writer, launch, cancelled, emit, conversation, quarantine } = this.parts;
    if (cancelled.aborted) return;
    const cell = cells[runIndex]!;
    const { info } = cell.device;
    const latestW = () => this.power.latestW(info.id);
    const run = new OpenRun({
      ...{
        jobId,
        cell,
        runIndex,
        totalRuns: cells.length,
        writer,
        launch,
        cancelled,
        emit,
        timeLeft,
        latestW,
      },
      conversation,
    });
    await run.begin();
    this.runs.push(run);
    await this.attempt(run, async () => {
      await quarantine.check(info);
      await run.prepare();
    });
  }

  /** Until every run has what it needs. */
  async takeTurns(): Promise<void> {
    const [first] = this.runs;
    if (!first) return;
    if (this.runs.length === 1) {
      while (this.runs[0] && !satisfied(this.runs[0])) await this.each((run) => run.turn(null, false));
      return;
    }
    const { seed, quick } = first.parts.cell.request;
    const random = new Random(seed);
    const stability = new RoundStability(quick ?? false);
    const turnMs = quick ? QUICK_TURN_MS : TURN_MS;
    // All test sets first, so that a round of repeats is the same time for all.
    while (this.runs.some((run) => !classified(run))) {
      await this.round(random, (run) => (classified(run) ? null : this.leastTurnMs(run)));
    }
    if (!repeats(first)) return;
    const enough = () => this.runs.every(satisfied) && stability.enough(this.runs.map(roundsOf));
    while (this.runs.length > 0 && !enough()) await this.round(random, () => turnMs);
    // A turn that is long enough for the sensor; its batches are samples like the others.
    await this.round(random, (run) => (this.leastTurnMs(run) > turnMs ? this.leastTurnMs(run) : null));
  }

  /** @param lengthOf the turn of a run, ms; null for none */
  private async round(random: Random, lengthOf: (run: OpenRun) => number | null): Promise<void> {
    await this.parts.gate.pass(this.parts.cancelled);
    const order = random.shuffle(this.runs.map((_, place) => place));
    const runs = order.map((place) => this.runs[place]!);
    for (const run of runs) {
      const leastMs = lengthOf(run);
      if (leastMs !== null) await this.attempt(run, () => run.turn(leastMs, true));
    }
  }

  private leastTurnMs(run: OpenRun): number {
    return this.power.leastTurnMs(run.parts.cell.device.info.id);
  }

  async each(act: (run: OpenRun) => Promise<void>): Promise<void> {
    for (const run of [...this.runs]) await this.attempt(run, () => act(run));
  }

  close(): void {
    for (const run of this.runs) run.close();
  }

  /** A run that fails leaves the group. */
  private async attempt(run: OpenRun, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      run.close();
      this.runs = this.runs.filter((each) => each !== run);
      const { cell, runIndex } = run.parts;
      const error = shortened(describeError(thrown));
      const failure = await recordFailure(this.parts.writer, cell.index, error);
      const { id } = cell.device.info;
      if (!this.blamed.has(id)) await this.parts.quarantine.failed(id, error);
      this.blamed.add(id);
      const { jobId, writer } = this.parts;
      this.parts.emit({ kind: 'run-failed', jobId, sessionId: writer.id, runIndex, failure });
    }
  }
}

function satisfied(run: OpenRun): boolean {
  return run.record?.satisfied ?? false;
}

/** Whether its whole test set is classified. */
function classified({ record }: OpenRun): boolean {
  return record !== null && record.doneImages === record.totalImages;
}

/** Whether batches are repeated after the test set. */
function repeats({ parts }: OpenRun): boolean {
  const { scenario } = parts.cell.request;
  return scenario === 'throughput' || scenario === 'sweep';
}

function roundsOf({ record }: OpenRun): number[][] {
  return record?.rounds ?? [];
}

/** @throws WorkbenchError `device-lost` where its process said what does not fit together */
function resultOf(
  run: OpenRun,
  circumstances: ReturnType<typeof describeCircumstances>,
  power: GroupPower,
  group: string | null,
): Run {
  if (!run.record) throw new Error('a run that was never ready cannot have finished');
  const { id } = run.parts.cell.device.info;
  return run.record.finish(
    run.finishedAt,
    circumstances,
    (spans, batchSize) => power.energyOf(id, spans, batchSize),
    group,
  );
}

async function record(
  { jobId, writer, emit, quarantine }: JobParts,
  { parts: { runIndex, cell } }: OpenRun,
  run: Run,
): Promise<void> {
  await writer.append({ kind: 'run-finished', cell: cell.index, run });
  await quarantine.succeeded(run.device.id);
  emit({ kind: 'run-finished', jobId, sessionId: writer.id, runIndex, run });
}

/** What a driver says, such as a build log, may be longer than a session that is to be read again. */
function shortened({ kind, message, where, remedy, details }: ErrorDescription): ErrorDescription {
  const end = (text: string | null, most: number) =>
    text === null || text.length <= most ? text : `… ${text.slice(-most)}`;
  return {
    kind,
    message: message.slice(0, MOST_IN_SENTENCE),
    where: end(where, MOST_IN_SENTENCE),
    remedy: end(remedy, MOST_IN_SENTENCE),
    details: end(details, MOST_IN_LOG),
  };
}

async function recordFailure(
  writer: SessionWriter,
  cell: number,
  error: ErrorDescription,
): Promise<FailedRun> {
  const at = new Date().toISOString();
  await writer.append({ kind: 'run-failed', cell, at, error });
  return writer.document().failures.at(-1)!;
}
