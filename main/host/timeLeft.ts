/**
 * Estimates how long a job still takes. A run has two parts: the set-up, taken to last as long as those before,
 * and the images, whose time goes with the network's work. Runs may take turns. All times in ms, by any steady clock.
 */
export class TimeLeft {
  /** Of each run, 0 .. 1; 1 for one that has ended, however it did. */
  private readonly shares: number[];
  private readonly ready: boolean[];
  private settingUp: { run: number; sinceMs: number } | null = null;
  private doneWork = 0;
  private workMs = 0;
  private endedSetups = 0;
  private endedSetupMs = 0;

  /** @param works of each run, in any unit that grows with its time: multiply-adds of all its images */
  constructor(private readonly works: readonly number[]) {
    this.shares = works.map(() => 0);
    this.ready = works.map(() => false);
  }

  beginSetup(run: number, nowMs: number): void {
    this.settingUp = { run, sinceMs: nowMs };
  }

  endSetup(run: number, nowMs: number): void {
    this.endedSetups++;
    this.endedSetupMs += nowMs - (this.settingUp?.sinceMs ?? nowMs);
    this.settingUp = null;
    this.ready[run] = true;
  }

  /** @param share of the run's images that are done now; @param ms that it took since it was told last */
  worked(run: number, share: number, ms: number): void {
    this.doneWork += (share - this.shares[run]!) * this.works[run]!;
    this.workMs += ms;
    this.shares[run] = share;
  }

  end(run: number): void {
    if (this.settingUp?.run === run) this.settingUp = null;
    this.ready[run] = true;
    this.shares[run] = 1;
  }

  /** @returns seconds, or null while nothing is known */
  estimate(nowMs: number): number | null {
    if (this.doneWork === 0) return null;
    const workLeft = this.works.reduce((sum, work, run) => sum + work * (1 - this.shares[run]!), 0);
    const setupMs = this.endedSetups === 0 ? 0 : this.endedSetupMs / this.endedSetups;
    const inSetupMs = this.settingUp === null ? 0 : Math.min(setupMs, nowMs - this.settingUp.sinceMs);
    const setupsLeft = this.ready.filter((ready) => !ready).length;
    return (workLeft * (this.workMs / this.doneWork) + setupsLeft * setupMs - inSetupMs) / 1000;
  }
}
