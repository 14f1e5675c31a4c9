/** Estimates how long a job still takes: from what its finished runs took, and how far the present one is. */
export class TimeLeft {
  private doneRuns = 0;
  private doneWork = 0;
  private doneMs = 0;

  /** @param works of each run, in any unit that grows with its time: multiply-adds of all its images */
  constructor(private readonly works: readonly number[]) {}

  runEnded(elapsedMs: number): void {
    this.doneWork += this.works[this.doneRuns]!;
    this.doneMs += elapsedMs;
    this.doneRuns++;
  }

  /**
   * @param share of the present run's images that are done, 0 .. 1
   * @param elapsedMs since the present run started
   * @returns seconds, or null while nothing is known
   */
  estimate(share: number, elapsedMs: number): number | null {
    const work = this.doneWork + share * (this.works[this.doneRuns] ?? 0);
    if (work === 0) return null;
    const left = this.works.reduce((sum, each) => sum + each, 0) - work;
    return (left * (this.doneMs + elapsedMs)) / work / 1000;
  }
}
