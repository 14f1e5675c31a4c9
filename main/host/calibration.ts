import type { ModelRecord } from '../../core/session/schema';
import { type ConversationOptions, converse } from './conversation';
import type { FoundDevice } from './deviceListing';
import type { DeviceProcessLauncher } from './launcher';
import type { CalibrationRequest } from './protocol';

export interface CalibratedModel {
  model: ModelRecord;
  dataset: string;
  images: number;
}

/**
 * Calibrates a model on a device, in a process of its own, and writes it with its scales.
 * @param onDetail how far it is, in words
 * @throws WorkbenchError of every kind
 */
export async function calibrateModel(
  launch: DeviceProcessLauncher,
  device: FoundDevice,
  request: CalibrationRequest,
  onDetail: (detail: string) => void,
  options: Pick<ConversationOptions, 'patienceMs' | 'graceMs'> = {},
): Promise<CalibratedModel> {
  let calibrated: CalibratedModel | null = null;
  const messages = converse(
    launch,
    device.driver.environment,
    { kind: 'calibrate', request },
    { subject: device.info.name, ...options },
  );
  for await (const message of messages) {
    if (message.kind === 'phase') onDetail([message.phase, message.detail ?? ''].join(' ').trim());
    if (message.kind === 'calibrated') calibrated = message;
  }
  if (!calibrated) throw new Error('the device process finished without a calibration');
  return calibrated;
}
