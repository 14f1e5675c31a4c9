/** Finds the devices of every driver, each in a process of its own. */
import type { Advice, DeviceInfo } from '../../core/contract/host';
import { describeError } from '../../core/errors';
import type { ProviderId } from '../devices/providers';
import { converse } from './conversation';
import type { DeviceProcessLauncher } from './launcher';

/** A provider with the environment in which a process of it must be started. */
export interface Driver {
  /** Names it in advice: `system`, `pocl`, …, `onnxruntime`, `null`. */
  id: string;
  provider: ProviderId;
  environment: Record<string, string>;
}

export interface FoundDevice {
  info: DeviceInfo;
  driver: Driver;
}

export interface DriverAnswer {
  driver: Driver;
  devices: DeviceInfo[];
  /** Why there are none. */
  problem: Advice | null;
}

/** Asks every driver at the same time. A driver that crashes, hangs or fails gives advice and no device. */
export function askDrivers(launch: DeviceProcessLauncher, drivers: Driver[]): Promise<DriverAnswer[]> {
  return Promise.all(drivers.map((driver) => askDriver(launch, driver)));
}

/** Without doubles: two drivers may lead to the same device, and the first one in the list keeps it. */
export function mergeDevices(answers: DriverAnswer[]): FoundDevice[] {
  const found = new Map<string, FoundDevice>();
  for (const { driver, devices } of answers) {
    for (const info of devices) if (!found.has(info.id)) found.set(info.id, { info, driver });
  }
  return [...found.values()];
}

/** Those that crashed, hung or refused. */
export function driverProblems(answers: DriverAnswer[]): Advice[] {
  return answers.flatMap(({ problem }) => problem ?? []);
}

async function askDriver(launch: DeviceProcessLauncher, driver: Driver): Promise<DriverAnswer> {
  const subject = `driver ${driver.id}`;
  try {
    const request = { kind: 'list', provider: driver.provider } as const;
    for await (const message of converse(launch, driver.environment, request, { subject })) {
      if (message.kind === 'listed') return { driver, devices: message.devices, problem: null };
    }
    throw new Error(`${subject} ended without an answer`);
  } catch (thrown) {
    const error = describeError(thrown);
    const problem = {
      subject: driver.id,
      problem: [error.message, error.details].filter((text) => text !== null).join('\n'),
      remedy: error.remedy ?? 'Run `bnnw doctor`.',
    };
    return { driver, devices: [], problem };
  }
}
