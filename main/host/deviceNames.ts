/** From what a person calls a device to its id. */
import type { DeviceInfo } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import { nearest } from './nearest';

type Named = Pick<DeviceInfo, 'id' | 'name' | 'platform' | 'type'>;

/** Names that are no part of a device's or platform's own name. */
const SHORT_NAMES: Record<string, (device: Named) => boolean> = {
  pocl: ({ platform }) => platform === 'Portable Computing Language',
  'intel-cpu': ({ platform, type }) => type === 'cpu' && /intel.*opencl/i.test(platform),
  'fpga-emulator': ({ type }) => type === 'fpga-emulator',
  onnxruntime: ({ id }) => id.startsWith('onnxruntime:'),
  null: ({ type }) => type === 'null',
};

/** Of the short names, those of drivers that `bnnw install` fetches. */
const INSTALLED_BY_NAME = ['pocl', 'intel-cpu', 'fpga-emulator'];

/**
 * The devices that are meant by names in the order given, each once.
 * @param names ids, short names, or any part of a device's or platform's name, ignoring case; `all` is every
 *   device but the null device
 * @throws WorkbenchError `unknown-name`; `usage` for a name that fits several devices, with their list
 */
export function devicesNamed<D extends Named>(names: readonly string[], devices: readonly D[]): D[] {
  const meant = new Set<D>();
  for (const name of names) {
    if (name.toLowerCase() === 'all') {
      for (const device of devices) if (device.type !== 'null') meant.add(device);
    } else meant.add(deviceNamed(name, devices));
  }
  return [...meant];
}

function deviceNamed<D extends Named>(name: string, devices: readonly D[]): D {
  const fitting = fittingDevices(name.toLowerCase(), devices);
  const [first, ...others] = fitting;
  if (first && others.length === 0) return first;
  if (first) {
    throw new WorkbenchError('usage', `“${name}” fits ${fitting.length} devices.`, {
      where: '--device',
      remedy: `Name one of:\n${fitting.map((device) => `  ${device.id}  (${device.name})`).join('\n')}`,
    });
  }
  const isShortName = Object.hasOwn(SHORT_NAMES, name.toLowerCase());
  throw new WorkbenchError('unknown-name', `There is no device “${name}”${isShortName ? ' here' : ''}.`, {
    where: '--device',
    remedy: isShortName
      ? shortNameRemedy(name.toLowerCase())
      : nearest(
          name,
          nameParts(devices),
          devices.map((device) => device.name),
        ),
  });
}

function shortNameRemedy(name: string): string {
  const why = 'run `npx bnnw doctor`, which says why it shows no device';
  return INSTALLED_BY_NAME.includes(name)
    ? `Install its driver: \`npx bnnw install ${name}\`. Where it is installed, ${why}.`
    : `${why[0]!.toUpperCase()}${why.slice(1)}.`;
}

/** Everything that could have been misspelt: short names, names, and the words of a name. */
function nameParts(devices: readonly Named[]): string[] {
  const words = devices.flatMap(({ name }) => [name, ...name.split(/[^\p{L}\d]+/u)]);
  return [...Object.keys(SHORT_NAMES), ...words.filter((word) => word.length > 2)];
}

/** An exact name goes before a short name, and that before a part of a name. */
function fittingDevices<D extends Named>(name: string, devices: readonly D[]): D[] {
  const exact = devices.filter((device) => device.id === name || device.name.toLowerCase() === name);
  if (exact.length > 0) return exact;
  const short = Object.hasOwn(SHORT_NAMES, name) ? devices.filter(SHORT_NAMES[name]!) : [];
  if (short.length > 0) return short;
  return devices.filter((device) => `${device.name}\n${device.platform}`.toLowerCase().includes(name));
}
