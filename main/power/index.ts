/** Which sensors cover a device. */
import type { Advice, DeviceInfo } from '../../core/contract/host';
import { findBoardTools } from './boardTools';
import { findHwmon } from './hwmon';
import { findNvml } from './nvml';
import { findRapl } from './rapl';
import type { PowerSensor, SensorSearch } from './sensor';

export { PowerRecorder } from './recorder';

/** How each kind of sensor is looked for; tests give their own. */
export interface SensorFinders {
  rapl(): Promise<SensorSearch>;
  nvml(pciAddress: string): Promise<SensorSearch>;
  hwmon(pciAddress: string): Promise<SensorSearch>;
  boardTools(pciAddress: string): Promise<SensorSearch>;
}

const FINDERS: SensorFinders = {
  rapl: () => findRapl(),
  // Loaded when it is needed, because it may not be built where only other devices are measured.
  nvml: async (pciAddress) => findNvml(pciAddress, await import('../../native')),
  hwmon: (pciAddress) => findHwmon(undefined, pciAddress),
  boardTools: (pciAddress) => findBoardTools(pciAddress),
};

/**
 * The sensors whose sum is the power that a device takes: for a processor its packages (or `psys`, the
 * whole board, where there is one), else the best sensor of the card at the device's PCI address. No sensor for
 * the null device and for a card whose address the driver does not tell.
 */
export async function findSensors(
  { type, platform, details }: Pick<DeviceInfo, 'type' | 'platform' | 'details'>,
  finders: SensorFinders = FINDERS,
): Promise<SensorSearch> {
  switch (type) {
    case 'null':
      return { sensors: [], advice: [] };
    case 'cpu':
    case 'fpga-emulator':
      return packagesOf(await finders.rapl());
    case 'gpu':
    case 'fpga':
    case 'accelerator': {
      const address = details.pciAddress;
      if (address === undefined || !/^[0-9a-f]{4}:/i.test(address)) {
        return { sensors: [], advice: [noAddress()] };
      }
      const finds = /nvidia/i.test(platform) ? [finders.nvml] : [finders.hwmon, finders.boardTools];
      const advice: Advice[] = [];
      for (const find of finds) {
        const found = await find(address);
        advice.push(...found.advice);
        if (found.sensors.length > 0) return { sensors: keepFirst(found.sensors), advice };
      }
      return { sensors: [], advice };
    }
  }
}

/** `psys` counts the packages too. */
function packagesOf({ sensors, advice }: SensorSearch): SensorSearch {
  const whole = sensors.find(({ description }) => description.scope === 'board');
  // A part of the packages alone would look like the whole.
  if (advice.length > 0) {
    for (const sensor of sensors) sensor.close();
    return { sensors: [], advice };
  }
  if (whole === undefined) return { sensors, advice };
  return { sensors: keepFirst([whole, ...sensors.filter((sensor) => sensor !== whole)]), advice };
}

function keepFirst([first, ...others]: PowerSensor[]): PowerSensor[] {
  for (const sensor of others) sensor.close();
  return first === undefined ? [] : [first];
}

function noAddress(): Advice {
  return {
    subject: 'power',
    problem: 'The driver does not tell at which PCI address the card is, so its sensor is not known',
    remedy: 'Update the driver, or give the log of an external meter.',
  };
}
