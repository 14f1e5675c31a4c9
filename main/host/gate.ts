/** Where a job waits between its runs while it is paused. */
export class Gate {
  /** Is told when the job stands here, and when no longer. */
  onWaiting: (waits: boolean) => void = () => undefined;
  private closed = false;
  private release: (() => void) | null = null;

  get isClosed(): boolean {
    return this.closed;
  }

  pause(): void {
    this.closed = true;
  }

  continue(): void {
    this.closed = false;
    this.release?.();
  }

  /** Returns at once, or when the job goes on or is cancelled. */
  async pass(cancelled: AbortSignal): Promise<void> {
    if (!this.closed || cancelled.aborted) return;
    this.onWaiting(true);
    await new Promise<void>((resolve) => {
      this.release = resolve;
      cancelled.addEventListener('abort', () => resolve(), { once: true });
    });
    this.release = null;
    this.onWaiting(false);
  }
}
