/** Where a job waits between its runs while it is paused. */
export class Gate {
  private closed = false;
  private release: (() => void) | null = null;

  pause(): void {
    this.closed = true;
  }

  continue(): void {
    this.closed = false;
    this.release?.();
  }

  /**
   * Returns at once, or when the job goes on or is cancelled.
   * @param waiting is told when somebody stands here, and when no longer
   */
  async pass(cancelled: AbortSignal, waiting: (stands: boolean) => void): Promise<void> {
    if (!this.closed || cancelled.aborted) return;
    waiting(true);
    await new Promise<void>((resolve) => {
      this.release = resolve;
      cancelled.addEventListener('abort', () => resolve(), { once: true });
    });
    this.release = null;
    waiting(false);
  }
}
