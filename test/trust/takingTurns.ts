/** One run in a device process, from which its times are asked for turn by turn. */
import type { RunRequest } from '../../core/contract/job';
import { Conversation } from '../../main/host/conversation';
import type { FoundDevice } from '../../main/host/deviceListing';
import type { DeviceProcessLauncher } from '../../main/host/launcher';

export class TakingTurns {
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

  /** The times of its batches, ms. */
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
