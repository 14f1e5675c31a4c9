/** Finds the devices of every driver, each in a process of its own. */
import type { Advice, DeviceInfo } from '../../core/contract/host';
import { describeError, type ErrorDescription } from '../../core/errors';
import type { ProviderId } from '../devices/providers';
import { converse } from './conversation';
import type { DeviceProcessLauncher } from './launcher';

/** A provider with the environment in which a process of it must be started. */
export interface Driver {
  /** Names it in advice: `system`, `pocl`, …, `onnxruntime`, `null`. */
  id: string;
  provider: ProviderId;
  environment: Record<string, string>;
  /** The drivers that share its process, each alone: asked where the process crashes or hangs. */
  apart?: Driver[];
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

/**
 * Asks every driver at the same time. A driver that crashes, hangs or fails gives advice and no device; those
 * that shared its process are then asked one by one, and answer too.
 */
export async function askDrivers(launch: DeviceProcessLauncher, drivers: Driver[]): Promise<DriverAnswer[]> {
  const answers = await Promise.all(drivers.map((driver) => askDriver(launch, driver)));
  return answers.flat();
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

async function askDriver(launch: DeviceProcessLauncher, driver: Driver): Promise<DriverAnswer[]> {
  try {
    return [{ driver, devices: await listDevices(launch, driver), problem: null }];
  } catch (thrown) {
    const error = describeError(thrown);
    const together = { driver, devices: [], problem: adviceOn(driver, error) };
    if (error.kind !== 'device-lost' || !driver.apart) return [together];
    const apart = await askDrivers(launch, driver.apart);
    for (const { driver: part, problem } of apart) {
      if (problem) problem.remedy = `Update or remove the driver that ${part.id} names.`;
    }
    // The culprit says it better than the process that it took with it.
    const hasCulprit = apart.some(({ problem }) => problem !== null);
    return [hasCulprit ? { ...together, problem: null } : together, ...apart];
  }
}

async function listDevices(launch: DeviceProcessLauncher, driver: Driver): Promise<DeviceInfo[]> {
  const subject = `driver ${driver.id}`;
  const request = { kind: 'list', provider: driver.provider } as const;
  for await (const message of converse(launch, driver.environment, request, { subject })) {
    if (message.kind === 'listed') return message.devices;
  }
  throw new Error(`${subject} ended without an answer`);
}

function adviceOn(driver: Driver, error: ErrorDescription): Advice {
  return {
    subject: driver.id,
    problem: [error.message, error.details].filter((text) => text !== null).join('\n'),
    remedy: error.remedy ?? 'Run `npx bnnw doctor`.',
  };
}
