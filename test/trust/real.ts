/**
 * Two device processes make the same run in turns, as the host lets them. The rounds are cut into trials by the
 * product's own rule, and each trial is compared twice: as it is, and with one run's times multiplied by 1.03. After a
 * few trials two new processes take their place, since processes that do the same differ by where their memory lies.
 */
import { parseArgs } from 'node:util';
import { compareRounds } from '../../core/evaluation/comparison';
import { RoundStability } from '../../core/evaluation/roundStability';
import { FULL_GOAL } from '../../core/evaluation/stability';
import { Random } from '../../core/statistics/random';
import { cpuDevice } from './cpuDevice';
import { TakingTurns } from './takingTurns';

const TURN_MS = 50;
const SLOW_DOWN = 1.03;

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
    options: {
      trials: { type: 'string' },
      rounds: { type: 'string' },
      'trials-per-pair': { type: 'string' },
    },
    strict: false,
  });
  const trials = Number(values.trials ?? 200);
  const most = values.rounds === undefined ? null : Number(values.rounds);
  const perPair = Number(values['trials-per-pair'] ?? 5);
  const { device, launch } = await cpuDevice();
  const counts = { equalCalledDifferent: 0, slowFound: 0, rounds: 0 };
  let done = 0;
  let runs: TakingTurns[] = [];
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
  const random = new Random(1);
  for (; done < trials; done++) {
    if (done % perPair === 0) {
      for (const run of runs) run.close();
      runs = [0, 1].map(() => new TakingTurns(launch, device));
      for (const run of runs) await run.prepare();
    }
    const [first, second] = await trial(runs, random, most);
    counts.rounds += first!.length;
    if (compareRounds(second!, first!).verdict !== 'no difference') counts.equalCalledDifferent++;
    const slowed = second!.map((round) => round.map((ms) => ms * SLOW_DOWN));
    if (compareRounds(slowed, first!).verdict === 'slower') counts.slowFound++;
  }
  end();
}

void main();
