/** A host over {@link ./fakeDeviceProcess}, with its sessions in a folder that a test gives. */
import type { HostEvent } from '../../../core/contract/host';
import type { Job } from '../../../core/contract/job';
import { ImageLibrary } from '../../../main/fpga/imageLibrary';
import { type Driver, driverProblems } from '../../../main/host/deviceListing';
import { Host, type HostParts } from '../../../main/host/host';
import {
  type DeviceProcess,
  type DeviceProcessLauncher,
  forkDeviceProcess,
} from '../../../main/host/launcher';
import { Quarantine } from '../../../main/host/quarantine';
import { SessionStore } from '../../../main/host/sessionStore';
import { fakeModelInfo } from './fakeNetwork';

export const fakeDriver: Driver = { id: 'fake', provider: 'opencl', environment: {} };

export interface FakeHost {
  host: Host;
  events: HostEvent[];
  /** Device processes that were started and have not ended. */
  running: Set<DeviceProcess>;
  runJob(job?: Partial<Job>): Promise<Extract<HostEvent, { kind: 'job-finished' }>>;
}

export const fakeJob: Job = {
  deviceIds: ['opencl:fake:good'],
  models: ['fake-model'],
  dataset: null,
  precisions: ['fp32'],
  batchSizes: [16],
  samples: null,
  seed: 1,
  sessionName: null,
};

export function fakeHost(script: string, sessionsFolder: string, parts: Partial<HostParts> = {}): FakeHost {
  const running = new Set<DeviceProcess>();
  const fork = forkDeviceProcess(script);
  const launch: DeviceProcessLauncher = (environment) => {
    const process = fork(environment);
    running.add(process);
    process.onExit(() => running.delete(process));
    return process;
  };
  const host = new Host({
    launch,
    store: new SessionStore(sessionsFolder),
    images: new ImageLibrary(`${sessionsFolder}-images`),
    quarantine: new Quarantine(`${sessionsFolder}-config/failing-devices.json`),
    drivers: () => [fakeDriver],
    advise: driverProblems,
    listModels: async () => [fakeModelInfo],
    modelsFolder: `${sessionsFolder}-models`,
    listDatasets: async () => [],
    ...parts,
  });
  const events: HostEvent[] = [];
  host.onEvent((event) => events.push(event));
  const runJob = async (job: Partial<Job> = {}) => {
    const finished = new Promise<Extract<HostEvent, { kind: 'job-finished' }>>((resolve) => {
      const stop = host.onEvent((event) => {
        if (event.kind !== 'job-finished') return;
        stop();
        resolve(event);
      });
    });
    await host.startJob({ ...fakeJob, ...job });
    return finished;
  };
  return { host, events, running, runJob };
}
