/** What the workbench says of an OpenCL device: its stable id, its type, its details. */
import type { DeviceInfo } from '../../../core/contract/host';
import { PRECISIONS } from '../../../core/network/precision';
import type { DeviceRecord } from '../../../core/session/schema';
import type { Device } from '../../../native';
import { FAMILIES } from './families';
import { imagePlaceOf, type NamedDevice } from './fpga/place';

export interface DescribedDevice {
  device: Device;
  info: DeviceInfo;
}

/** Describes devices, given in the driver's order. */
export function describeDevices(devices: Device[]): DescribedDevice[] {
  const ids = deviceIds(devices);
  return devices.map((device, index) => ({ device, info: describe(device, ids[index]!) }));
}

/**
 * `opencl:<platform>:<device>`, with the bus address where the driver tells it; devices that are still alike are
 * numbered.
 */
export function deviceIds(devices: Pick<Device, 'info' | 'platform'>[]): string[] {
  const names = devices.map(({ info, platform }) => {
    const parts = ['opencl', slug(platform.info.name), slug(info.name)];
    return [...parts, ...(info.pciAddress ? [info.pciAddress] : [])].join(':');
  });
  return names.map((name, index) => {
    const alike = names.filter((other) => other === name).length > 1;
    const before = names.slice(0, index).filter((other) => other === name).length;
    return alike ? `${name}:${before}` : name;
  });
}

/**
 * An accelerator is not an FPGA because of its type: only the platforms of the FPGA vendors are, and their
 * emulators run on the CPU.
 */
export function deviceType(device: NamedDevice): DeviceRecord['type'] {
  if (device.type === 'cpu' || device.type === 'gpu') return device.type;
  const place = imagePlaceOf(device);
  if (place === null) return 'accelerator';
  return place.target === 'emulator' ? 'fpga-emulator' : 'fpga';
}

function describe(device: Device, id: string): DeviceInfo {
  const { info, platform } = device;
  const offered = new Set(FAMILIES.flatMap((family) => family.precisions(device)));
  return {
    id,
    name: info.name.trim(),
    platform: platform.info.name,
    type: deviceType({ platform: platform.info.name, name: info.name, type: info.type }),
    driver: info.driverVersion,
    platformVersion: platform.info.version,
    memoryBytes: info.globalMemoryBytes,
    computeUnits: info.computeUnits,
    precisions: PRECISIONS.filter((precision) => offered.has(precision)),
    details: details({ platformVersion: platform.info.version, ...info }),
  };
}

/** Everything that the driver tells, as text. */
function details(values: object): Record<string, string> {
  const texts = Object.entries(values).map(([name, value]): [string, string] => {
    if (value === null) return [name, 'not reported'];
    if (Array.isArray(value)) return [name, value.join(', ')];
    if (typeof value === 'object') return [name, describeObject(value)];
    return [name, String(value)];
  });
  return Object.fromEntries(texts);
}

function describeObject(value: object): string {
  return Object.entries(value)
    .map(([name, part]) => `${name} ${part}`)
    .join(', ');
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
