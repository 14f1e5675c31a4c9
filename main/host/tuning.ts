import type { TuningReport } from '../devices/device';
import { type ConversationOptions, converse } from './conversation';
import type { FoundDevice } from './deviceListing';
import type { DeviceProcessLauncher } from './launcher';
import type { TuningRequest } from './protocol';

/**
 * Tunes a network on a device, in a process of its own, which keeps the choice for later runs.
 * @throws WorkbenchError of every kind
 */
export async function tuneModel(
  launch: DeviceProcessLauncher,
  device: FoundDevice,
  request: TuningRequest,
  options: Pick<ConversationOptions, 'patienceMs' | 'graceMs'> = {},
): Promise<TuningReport> {
  const messages = converse(
    launch,
    device.driver.environment,
    { kind: 'tune', request },
    { subject: device.info.name, ...options },
  );
  let tuning: TuningReport | null = null;
  for await (const message of messages) if (message.kind === 'tuned') tuning = message.tuning;
  if (!tuning) throw new Error('the device process finished without a choice');
  return tuning;
}
