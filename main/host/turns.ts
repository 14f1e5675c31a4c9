/** The turns of a run, inside the device process: the host gives them, the run waits for them. */
import { WorkbenchError } from '../../core/errors';
import type { ToDeviceProcess } from './protocol';

export type Order = Extract<ToDeviceProcess, { kind: 'turn' | 'enough' }>;

export class Turns {
  private readonly given: Order[] = [];
  private wake: (() => void) | null = null;

  constructor(private readonly cancelled: AbortSignal) {
    cancelled.addEventListener('abort', () => this.wake?.(), { once: true });
  }

  give(order: Order): void {
    this.given.push(order);
    this.wake?.();
  }

  /** @throws WorkbenchError `cancelled` */
  async next(): Promise<Order> {
    for (;;) {
      if (this.cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
      const order = this.given.shift();
      if (order) return order;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
