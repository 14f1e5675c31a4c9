/**
 * The part of a run that is timed: the test set once, and in some scenarios full batches again and again. It works in
 * turns that the host gives, so that runs can alternate.
 */
import { performance } from 'node:perf_hooks';
import { FULL_GOAL, QUICK_GOAL, Stability, type Stop } from '../../core/evaluation/stability';
import { Random } from '../../core/statistics/random';
import { type AnswerAudit, otherAnswer } from './answerAudit';
import { type BatchAccount, type BatchParts, BatchTimer, CHUNK_MS } from './batchTimer';
import type { ChunkMessage, RunRequest, TurnMessage } from './protocol';
import type { Turns } from './turns';

/** A test set that is classified in turns takes about this many. */
const TEST_SET_TURNS = 20;
/** After another process had the machine, caches are cold: batches for so long are not timed, and at most one. */
const REWARM_MS = 50;

export interface TimedParts extends BatchParts {
  request: RunRequest;
  turns: Turns;
  audit: AnswerAudit;
}

/** Where the time of a run went. */
export interface TimeAccount extends BatchAccount {
  /** Of all turns, from end to end. */
  turnMs: number;
}

/**
 * Sends the answers and times of the test set, the times of repeated batches where the scenario has them, and after
 * each turn when it began and ended. Returns when the host has given the last one.
 * @throws WorkbenchError `wrong-answer`, `cancelled`, those of the device
 */
export async function timedRun(parts: TimedParts): Promise<TimeAccount> {
  const timer = new BatchTimer(parts);
  let turnMs = 0;
  const testSet = new TestSetPass(parts, timer);
  const scenario = parts.request.scenario ?? 'accuracy';
  const repeating = scenario === 'throughput' || scenario === 'sweep';
  let repeats: Repeats | null = null;
  for (;;) {
    const order = await parts.turns.next();
    if (order.kind === 'enough') return { ...timer.account, turnMs };
    parts.send({ kind: 'phase', phase: 'running', detail: null, expectedMs: timer.batchMs });
    if (order.turns && timer.batchMs < REWARM_MS) await timer.rewarm();
    const start = now();
    let stopped: Stop | null = null;
    if (!testSet.done) await testSet.turn(order);
    else if (repeating) {
      repeats ??= new Repeats(parts, timer, testSet.predictions);
      stopped = await repeats.turn(order);
    }
    const span = spanSince(start);
    turnMs += span.steadyMs;
    parts.send({
      kind: 'yielded',
      part: repeats === null ? 'test set' : 'repeats',
      ...span,
      satisfied: testSet.done && (!repeating || stopped !== null),
      stopped,
      expectedMs: Math.max(timer.batchMs, CHUNK_MS),
    });
  }
}

/** The wall clock is the one that all processes share; the steady one tells whether somebody set it. */
function now(): { wallMs: number; steadyMs: number } {
  return { wallMs: Date.now(), steadyMs: performance.now() };
}

function spanSince(start: ReturnType<typeof now>) {
  const end = now();
  return { startMs: start.wallMs, endMs: end.wallMs, steadyMs: end.steadyMs - start.steadyMs };
}

/** All images in their order. */
class TestSetPass {
  /** Of each call of the device. */
  private readonly answers: Uint32Array[] = [];
  private readonly held: ChunkMessage[] = [];
  private sentMs = 0;
  private doneBatches = 0;
  private readonly totalBatches: number;

  constructor(
    private readonly parts: TimedParts,
    private readonly timer: BatchTimer,
  ) {
    this.totalBatches = Math.ceil(parts.chosen.count / parts.network.batchSize);
  }

  get done(): boolean {
    return this.doneBatches === this.totalBatches;
  }

  /** Of all images that are done. */
  get predictions(): number[] {
    return this.answers.flatMap((answers) => Array.from(answers));
  }

  async turn({ leastMs }: TurnMessage): Promise<void> {
    const { chosen, network, audit } = this.parts;
    const share = Math.ceil(this.totalBatches / TEST_SET_TURNS);
    const started = performance.now();
    this.sentMs = started;
    for (let left = share; !this.done && (left > 0 || goesOn(started, leastMs)); ) {
      // The batch that is filled up is gathered apart; all others are used where they lie.
      const full = Math.floor(chosen.count / network.batchSize) - this.doneBatches;
      const rest = full > 0 ? full : this.totalBatches - this.doneBatches;
      const most = leastMs === null ? rest : Math.max(1, Math.min(rest, left));
      const batches = Math.min(this.timer.batchesForCall(), most);
      const { predictions, logits, times } = await this.timer.run(chosen, this.doneBatches, batches);
      audit.note(this.doneBatches, batches, logits);
      const answers = predictions.subarray(0, chosen.count - this.doneBatches * network.batchSize);
      this.answers.push(answers);
      this.held.push({ kind: 'chunk', predictions: answers, ...times });
      this.doneBatches += batches;
      left -= batches;
      if (performance.now() - this.sentMs >= CHUNK_MS) this.tell();
    }
    this.tell();
  }

  /** Not after each call: what the host makes of an answer would take a core from the next batch. */
  private tell(): void {
    for (const message of this.held.splice(0)) this.parts.send(message);
    this.sentMs = performance.now();
  }
}

/**
 * Full batches of images in random order, each round in another, until their median is stable. Every answer must be
 * the one of the test set's pass.
 */
class Repeats {
  private readonly stability: Stability;
  private readonly random: Random;
  private readonly samples: number[] = [];
  private elapsedMs = 0;
  private positions: number[] = [];
  private order: number[] = [];
  private nextBatch = 0;
  private stop: Stop | null = null;

  constructor(
    private readonly parts: TimedParts,
    private readonly timer: BatchTimer,
    private readonly known: readonly number[],
  ) {
    this.stability = new Stability(parts.request.quick ? QUICK_GOAL : FULL_GOAL);
    this.random = new Random(parts.request.seed);
  }

  /** Returns why it may end, or null. */
  async turn({ leastMs }: TurnMessage): Promise<Stop | null> {
    const { chosen, network, send } = this.parts;
    const started = performance.now();
    do {
      if (this.nextBatch * network.batchSize >= this.positions.length) this.shuffle();
      const rest = Math.ceil(chosen.count / network.batchSize) - this.nextBatch;
      const batches = Math.min(this.timer.batchesForCall(leastMs), rest);
      const round = { ...chosen, indices: this.order };
      const { predictions, times, elapsedMs } = await this.timer.run(round, this.nextBatch, batches);
      this.check(predictions);
      send({ kind: 'repeats', ...times });
      for (const ms of times.endToEndMs) this.samples.push(ms);
      this.nextBatch += batches;
      this.elapsedMs += elapsedMs;
      this.stop ??= this.stability.reasonToStop(this.samples, this.elapsedMs);
    } while (leastMs === null ? this.stop === null : goesOn(started, leastMs));
    return this.stop;
  }

  private shuffle(): void {
    const { indices } = this.parts.chosen;
    this.positions = this.random.shuffle(Array.from(this.known, (_, position) => position));
    this.order = this.positions.map((position) => indices?.[position] ?? position);
    this.nextBatch = 0;
  }

  private check(predictions: Uint32Array): void {
    const { chosen, network } = this.parts;
    predictions.forEach((prediction, i) => {
      const position = this.positions[(this.nextBatch * network.batchSize + i) % chosen.count]!;
      if (prediction === this.known[position]) return;
      throw otherAnswer(chosen.indices?.[position] ?? position);
    });
  }
}

function goesOn(startedMs: number, leastMs: number | null): boolean {
  return leastMs === null || performance.now() - startedMs < leastMs;
}
