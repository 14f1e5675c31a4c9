/** When runs that take turns may end: when what they are compared by is known. */
import { compareRounds } from './comparison';
import { FULL_GOAL, QUICK_GOAL, type StabilityGoal } from './stability';

/** Against chance, as {@link Stability}: a look each time that the rounds have grown by half. */
export class RoundStability {
  private readonly goal: StabilityGoal;
  private nextLook = 0;

  constructor(quick: boolean) {
    this.goal = quick ? QUICK_GOAL : FULL_GOAL;
  }

  /**
   * Whether the ratio of each run to the first one is known as well as a run's median should be, or the cap is reached.
   * @param runs their rounds, each the times of its batches in ms
   */
  enough(runs: readonly number[][][]): boolean {
    const [baseline, ...others] = runs;
    if (baseline === undefined || others.length === 0) return true;
    const spentMs = baseline.flat().reduce((sum, ms) => sum + ms, 0);
    if (spentMs >= this.goal.mostMs || baseline.flat().length >= this.goal.mostBatches) return true;
    if (baseline.length < this.nextLook) return false;
    this.nextLook = Math.ceil(baseline.length * 1.5);
    return others.every((other) => {
      const { ratio, interval } = compareRounds(other, baseline);
      return interval !== null && (interval.high - interval.low) / 2 / ratio <= this.goal.relativeHalfWidth;
    });
  }
}
