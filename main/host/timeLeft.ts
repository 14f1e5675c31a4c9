/**
 * Estimates how long a job still takes. A run has two parts: the set-up, taken to last as long as those before,
 * and the images, whose time goes with the network's work. All times in ms, by any steady clock.
 */
export class TimeLeft {
  private run = -1;
  private runStartedMs = 0;
  private imagesStartedMs: number | null = null;
  private endedSetups = 0;
  private endedSetupMs = 0;
  private endedWork = 0;
  private endedImagesMs = 0;

  /** @param works of each run, in any unit that grows with its time: multiply-adds of all its images */
  constructor(private readonly works: readonly number[]) {}

  startRun(nowMs: number): void {
    this.run++;
    this.runStartedMs = nowMs;
    this.imagesStartedMs = null;
  }

  /** The set-up of the present run is over. */
  startImages(nowMs: number): void {
    this.imagesStartedMs = nowMs;
    this.endedSetups++;
    this.endedSetupMs += nowMs - this.runStartedMs;
  }

  /** @param share of the present run's images that are done, 0 .. 1; a run that failed ends before 1 */
  endRun(share: number, nowMs: number): void {
    if (this.imagesStartedMs === null) return;
    this.endedWork += share * this.works[this.run]!;
    this.endedImagesMs += nowMs - this.imagesStartedMs;
  }

  /**
   * @param share of the present run's images that are done, 0 .. 1
   * @returns seconds, or null while nothing is known
   */
  estimate(share: number, nowMs: number): number | null {
    const work = this.works[this.run]!;
    const imagesMs = this.imagesStartedMs === null ? 0 : nowMs - this.imagesStartedMs;
    const doneWork = this.endedWork + share * work;
    if (doneWork === 0) return null;
    const msPerWork = (this.endedImagesMs + imagesMs) / doneWork;
    const later = this.works.slice(this.run + 1);
    const workLeft = (1 - share) * work + later.reduce((sum, each) => sum + each, 0);
    const setupMs = this.endedSetupMs / this.endedSetups;
    const setupLeftMs =
      this.imagesStartedMs === null ? Math.max(0, setupMs - (nowMs - this.runStartedMs)) : 0;
    return (workLeft * msPerWork + setupLeftMs + later.length * setupMs) / 1000;
  }
}
