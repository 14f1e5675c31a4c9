import { medianInterval } from '../statistics/bootstrap';
import { quantile } from '../statistics/percentiles';

/** When the repeats of a batch are enough. */
export interface StabilityGoal {
  leastBatches: number;
  leastMs: number;
  /** Half the width of the median's 95 % interval, as a share of the median. */
  relativeHalfWidth: number;
  /** Repeating ends after either, stable or not. */
  mostMs: number;
  mostBatches: number;
}

export const FULL_GOAL: StabilityGoal = {
  leastBatches: 30,
  leastMs: 2000,
  relativeHalfWidth: 0.01,
  mostMs: 60_000,
  mostBatches: 10_000,
};
export const QUICK_GOAL: StabilityGoal = {
  leastBatches: 10,
  leastMs: 200,
  relativeHalfWidth: 0.05,
  mostMs: 3000,
  mostBatches: 2000,
};

/** For the decision to stop only; the figures that are shown take more. */
const RESAMPLES = 200;

/** Half the width of the 95 % bootstrap interval of the median, as a share of it. */
export function relativeHalfWidth(samples: readonly number[]): number {
  const { low, high } = medianInterval(samples, { resamples: RESAMPLES });
  return (high - low) / 2 / quantile(samples, 0.5);
}

/**
 * Decides after each call whether a run repeats on. The interval is computed each time that the samples have
 * grown by half, so that looking costs little, and chance gets few tries to look stable.
 */
export class Stability {
  private nextLook: number;

  constructor(private readonly goal: StabilityGoal) {
    this.nextLook = goal.leastBatches;
  }

  /** @returns null to go on */
  reasonToStop(samples: readonly number[], elapsedMs: number): Stop | null {
    const { leastMs, mostMs, mostBatches } = this.goal;
    const atCap = elapsedMs >= mostMs || samples.length >= mostBatches;
    const look = samples.length >= this.nextLook && elapsedMs >= leastMs;
    if (!look && !atCap) return null;
    this.nextLook = Math.ceil(samples.length * 1.5);
    const width = relativeHalfWidth(samples);
    const stable = width <= this.goal.relativeHalfWidth;
    if (!stable && !atCap) return null;
    const known = `The median is known to ${percent(width)} after ${samples.length} batches`;
    const reason = stable ? `${known}.` : `${known}; the aim is ${percent(this.goal.relativeHalfWidth)}.`;
    return { reason, stable };
  }
}

/** Why repeating ended. */
export interface Stop {
  /** For a person. */
  reason: string;
  stable: boolean;
}

function percent(share: number): string {
  return `±${(share * 100).toFixed(2)} %`;
}
