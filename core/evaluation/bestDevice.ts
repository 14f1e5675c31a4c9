import type { DeviceRecord } from '../session/schema';

/**
 * The order in which device types are worth a first look; what is not named never is. An FPGA needs images that
 * were built for it before, and among what calls itself an accelerator are simulators such as Oclgrind.
 */
const PREFERENCE: DeviceRecord['type'][] = ['gpu', 'cpu'];

/**
 * The device of a first evaluation: through OpenCL if there is one, a GPU before a CPU, the one with
 * more units of equals; never a simulator or the null device.
 *
 * @returns null where there is nothing to measure on
 */
export function bestDevice<D extends Pick<DeviceRecord, 'id' | 'type'> & { computeUnits: number }>(
  devices: readonly D[],
): D | null {
  const rank = (device: D): number[] => [
    device.id.startsWith('opencl:') ? 0 : 1,
    PREFERENCE.indexOf(device.type),
    -device.computeUnits,
  ];
  const fit = devices.filter((device) => PREFERENCE.includes(device.type));
  fit.sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    const differing = first.findIndex((value, i) => value !== second[i]);
    return differing < 0 ? 0 : first[differing]! - second[differing]!;
  });
  return fit[0] ?? null;
}
