/**
 * Two device processes make the same run in turns, as the host lets them. The rounds are cut into trials by the
 * product's own rule, and each trial is compared twice: as it is, and with one run's times multiplied by 1.03.
 */
import { parseArgs } from 'node:util';
import type { RunRequest } from '../../core/contract/job';
import { compareRounds } from '../../core/evaluation/comparison';
import { RoundStability } from '../../core/evaluation/roundStability';
import { FULL_GOAL } from '../../core/evaluation/stability';
import { Random } from '../../core/statistics/random';
import { Conversation } from '../../main/host/conversation';
import type { FoundDevice } from '../../main/host/deviceListing';
import type { DeviceProcessLauncher } from '../../main/host/launcher';
import { cpuDevice } from './cpuDevice';

const TURN_MS = 50;
const SLOW_DOWN = 1.03;

class TakingTurns {
  private readonly conversation: Conversation;

  constructor(launch: DeviceProcessLauncher, { driver, info }: FoundDevice) {
    const request: RunRequest = {
      ...{ deviceId: info.id, model: 'mnist-deterministic', dataset: null, precision: 'a4' },
      ...{ batchSize: 256, samples: 2048, seed: 1, scenario: 'throughput' },
    };
    const options = { subject: info.name };
    this.conversation = new Conversation(launch, driver.environment, { kind: 'run', request }, options);
  }

  async prepare(): Promise<void> {
    while ((await this.conversation.next()).kind !== 'ready');
    await this.turn(null);
  }

  /** The times of its batches. */
  async turn(leastMs: number | null): Promise<number[]> {
    this.conversation.post({ kind: 'turn', leastMs, turns: true });
    const times: number[] = [];
    for (;;) {
      const message = await this.conversation.next();
      if (message.kind === 'repeats') times.push(...message.endToEndMs);
      if (message.kind === 'yielded') return times;
    }
  }

  close(): void {
    this.conversation.close();
  }
}

/** @param most rounds of a trial; null: as many as the product takes */
async function trial(
  runs: readonly TakingTurns[],
  random: Random,
  most: number | null,
): Promise<number[][][]> {
  const rounds: number[][][] = runs.map(() => []);
  const stability = new RoundStability(false);
  let spentMs = 0;
  const enough = () =>
    most === null ? spentMs >= FULL_GOAL.leastMs && stability.enough(rounds) : rounds[0]!.length >= most;
  while (!enough()) {
    for (const place of random.shuffle(runs.map((_, i) => i))) {
      const times = await runs[place]!.turn(TURN_MS);
      rounds[place]!.push(times);
      if (place === 0) spentMs += times.reduce((sum, ms) => sum + ms, 0);
    }
  }
  return rounds;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { trials: { type: 'string' }, rounds: { type: 'string' } },
    strict: false,
  });
  const trials = Number(values.trials ?? 200);
  const most = values.rounds === undefined ? null : Number(values.rounds);
  const { device, launch } = await cpuDevice();
  const runs = [0, 1].map(() => new TakingTurns(launch, device));
  const counts = { equalCalledDifferent: 0, slowFound: 0, rounds: 0 };
  let done = 0;
  const end = () => {
    for (const run of runs) run.close();
    console.log(
      `${done} trials on ${device.info.name}: equal runs called different in ${counts.equalCalledDifferent}, ` +
        `a 3 % slow-down found in ${counts.slowFound}; ${(counts.rounds / done).toFixed(0)} rounds a trial`,
    );
  };
  process.once('SIGTERM', () => {
    end();
    process.exit(0);
  });
  for (const run of runs) await run.prepare();
  const random = new Random(1);
  for (; done < trials; done++) {
    const [first, second] = await trial(runs, random, most);
    counts.rounds += first!.length;
    if (compareRounds(second!, first!).verdict !== 'no difference') counts.equalCalledDifferent++;
    const slowed = second!.map((round) => round.map((ms) => ms * SLOW_DOWN));
    if (compareRounds(slowed, first!).verdict === 'slower') counts.slowFound++;
  }
  end();
}

void main();
