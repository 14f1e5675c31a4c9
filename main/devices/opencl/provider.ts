/** OpenCL devices of the driver that this process was started with. */
import { join } from 'node:path';
import { WorkbenchError } from '../../../core/errors';
import type { Model } from '../../../core/network/model';
import type { Precision } from '../../../core/network/precision';
import { Context, type Device as NativeDevice, platforms } from '../../../native';
import { cacheFolder } from '../../../setup/folders.mjs';
import type { Device, DeviceProvider, PreparedNetwork, TuningReport } from '../device';
import { type DescribedDevice, describeDevices } from './description';
import { deviceFailure, isOpenClError } from './failure';
import { prepareNetwork, tuneNetwork } from './network';
import { ProgramCache } from './programCache';

export const openClProvider: DeviceProvider = {
  id: 'opencl',
  list: async () => findDevices().map(({ info }) => info),
  open: async (deviceId) => {
    const devices = findDevices();
    const found = devices.find(({ info }) => info.id === deviceId);
    if (!found) throw unknownDevice(deviceId, devices);
    try {
      return new OpenClDevice(found, new Context(found.device));
    } catch (error) {
      throw deviceFailure(error, found.info.name);
    }
  },
};

class OpenClDevice implements Device {
  readonly info: Device['info'];
  readonly clockStepNs: number;
  private readonly cache = new ProgramCache(join(cacheFolder, 'programs'));

  constructor(
    { info, device }: DescribedDevice,
    private readonly context: Context,
  ) {
    this.info = info;
    this.clockStepNs = device.info.profilingTimerResolutionNs;
  }

  prepare(model: Model, precision: Precision, batchSize: number): Promise<PreparedNetwork> {
    return prepareNetwork(this.context, this.cache, model, precision, batchSize);
  }

  tune(model: Model, precision: Precision, batchSize: number, again: boolean): Promise<TuningReport | null> {
    return tuneNetwork(this.context, this.cache, model, precision, batchSize, again);
  }

  close(): void {
    this.context.release();
  }
}

/** A platform that fails does not hide the devices of another; where there are none at all, it is the reason. */
function findDevices(): DescribedDevice[] {
  const devices: NativeDevice[] = [];
  const failures: unknown[] = [];
  for (const platform of loadedPlatforms()) {
    try {
      devices.push(...platform.devices());
    } catch (error) {
      failures.push(deviceFailure(error, platform.info.name));
    }
  }
  if (devices.length === 0 && failures.length > 0) throw failures[0];
  return describeDevices(devices);
}

function loadedPlatforms() {
  try {
    return platforms();
  } catch (error) {
    if (!isOpenClError(error)) throw error;
    if (error.call !== 'dlopen') throw deviceFailure(error, 'OpenCL');
    throw new WorkbenchError('not-available', 'There is no OpenCL loader (libOpenCL) on this machine', {
      where: 'OpenCL',
      remedy: 'Run `npx bnnw install pocl`, or install the OpenCL driver of your device.',
      details: error.message,
    });
  }
}

function unknownDevice(deviceId: string, devices: DescribedDevice[]): WorkbenchError {
  const ids = devices.map(({ info }) => info.id).join(', ');
  return new WorkbenchError('unknown-name', `There is no OpenCL device ${deviceId}`, {
    where: deviceId,
    remedy: ids ? `Devices here: ${ids}.` : 'No OpenCL device is here; run `npx bnnw doctor`.',
  });
}
