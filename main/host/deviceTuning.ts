/** Tuning inside the device process. */
import { WorkbenchError } from '../../core/errors';
import type { DeviceProvider } from '../devices/device';
import type { RunSources } from './deviceRun';
import type { FromDeviceProcess, TuningRequest } from './protocol';

/** @throws WorkbenchError of every kind */
export async function tuneOnDevice(
  request: TuningRequest,
  provider: DeviceProvider,
  { loadModel }: Pick<RunSources, 'loadModel'>,
  send: (message: FromDeviceProcess) => void,
): Promise<void> {
  const { precision, batchSize, again } = request;
  const model = await loadModel(request.model);
  const device = await provider.open(request.deviceId);
  try {
    send({ kind: 'phase', phase: 'building kernels', detail: null, expectedMs: null });
    const tuning = await device.tune?.(model, precision, batchSize, again);
    if (!tuning) {
      throw new WorkbenchError(
        'unsupported',
        `${device.info.name} has one implementation of ${model.id} at ${precision}: there is nothing to choose.`,
        { where: device.info.name, remedy: 'Tune an integer precision on a CPU.' },
      );
    }
    send({ kind: 'tuned', tuning });
  } finally {
    device.close();
  }
}
