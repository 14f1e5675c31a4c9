/** The first OpenCL CPU device of this machine, and how its process is started. */
import { openClDrivers } from '../../main/devices/opencl/drivers';
import { askDrivers, type FoundDevice, mergeDevices } from '../../main/host/deviceListing';
import { type DeviceProcessLauncher, deviceProcessScript, forkDeviceProcess } from '../../main/host/launcher';

export async function cpuDevice(): Promise<{ device: FoundDevice; launch: DeviceProcessLauncher }> {
  const launch = forkDeviceProcess(deviceProcessScript());
  const drivers = openClDrivers().map(({ id, environment }) => {
    return { id, environment, provider: 'opencl' as const };
  });
  const found = mergeDevices(await askDrivers(launch, drivers));
  const device = found.find(({ info }) => info.type === 'cpu');
  if (!device) throw new Error('there is no OpenCL CPU device here');
  return { device, launch };
}
