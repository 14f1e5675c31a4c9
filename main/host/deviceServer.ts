/** A device process, apart from how it was started: takes one request, reports, and waits to be killed. */
import { describeError, unreachable, WorkbenchError } from '../../core/errors';
import { weightStatistics } from '../../core/network/weightStatistics';
import type { DeviceProvider } from '../devices/device';
import { type ProviderId, providerOf } from '../devices/providers';
import { importModel } from '../models';
import { calibrateOnDevice } from './deviceCalibration';
import { type RunSources, runOnDevice } from './deviceRun';
import { tuneOnDevice } from './deviceTuning';
import { imageLogits } from './imageLogits';
import { type FromDeviceProcess, type ToDeviceProcess, toDeviceProcessSchema } from './protocol';
import { type Order, Turns } from './turns';

/** The process's end of the line to its host. */
export interface HostPort {
  post(message: FromDeviceProcess): void;
  onMessage(listener: (message: unknown) => void): void;
}

export interface DeviceSources extends RunSources {
  loadProvider(id: ProviderId): Promise<DeviceProvider>;
}

export function serveHost(port: HostPort, sources: DeviceSources): void {
  const cancellation = new AbortController();
  const turns = new Turns(cancellation.signal);
  let busy = false;
  port.onMessage((message) => {
    const request = toDeviceProcessSchema.parse(message);
    if (request.kind === 'cancel') {
      cancellation.abort();
      return;
    }
    if (request.kind === 'turn' || request.kind === 'enough') {
      turns.give(request);
      return;
    }
    if (busy) throw new Error('a device process answers one request');
    busy = true;
    answer(request, port, sources, cancellation.signal, turns).catch((thrown: unknown) =>
      port.post({ kind: 'failed', error: describeError(thrown) }),
    );
  });
}

async function answer(
  message: Exclude<ToDeviceProcess, Order | { kind: 'cancel' }>,
  port: HostPort,
  sources: DeviceSources,
  cancelled: AbortSignal,
  turns: Turns,
): Promise<void> {
  switch (message.kind) {
    case 'list': {
      const provider = await sources.loadProvider(message.provider);
      port.post({ kind: 'listed', devices: await provider.list() });
      return;
    }
    case 'run': {
      const { request } = message;
      const provider = await providerFor(request.deviceId, sources);
      await runOnDevice(request, provider, sources, (report) => port.post(report), cancelled, turns);
      port.post({ kind: 'finished' });
      return;
    }
    case 'calibrate': {
      const { request } = message;
      const provider = await providerFor(request.deviceId, sources);
      await calibrateOnDevice(request, provider, (report) => port.post(report), cancelled);
      port.post({ kind: 'finished' });
      return;
    }
    case 'tune': {
      const { request } = message;
      const provider = await providerFor(request.deviceId, sources);
      await tuneOnDevice(request, provider, sources, (report) => port.post(report));
      port.post({ kind: 'finished' });
      return;
    }
    case 'import': {
      const { source, target, topologyFile, mode } = message.request;
      await importModel(source, target, {
        ...(topologyFile === null ? {} : { topologyFile }),
        ...(mode === null ? {} : { mode }),
      });
      port.post({ kind: 'imported' });
      port.post({ kind: 'finished' });
      return;
    }
    case 'inspect':
      port.post({ kind: 'inspected', layers: weightStatistics(await sources.loadModel(message.model)) });
      port.post({ kind: 'finished' });
      return;
    case 'classify':
      port.post({ kind: 'classified', logits: await imageLogits(message.request) });
      port.post({ kind: 'finished' });
      return;
    default:
      unreachable(message);
  }
}

function providerFor(deviceId: string, sources: DeviceSources): Promise<DeviceProvider> {
  const id = providerOf(deviceId);
  if (id !== null) return sources.loadProvider(id);
  throw new WorkbenchError('unknown-name', `No provider has a device ${deviceId}.`, { where: deviceId });
}
