/** A device process whose FPGA kernels are spoilt in the way that BNNW_SPOIL names, and give up after three seconds. */
import type { DeviceProvider } from '../../main/devices/device';
import type { KernelFamily } from '../../main/devices/opencl/family';
import { emulatorFamily } from '../../main/devices/opencl/fpga/emulator';
import { prepareNetwork } from '../../main/devices/opencl/network';
import { ProgramCache } from '../../main/devices/opencl/programCache';
import { openClProvider } from '../../main/devices/opencl/provider';
import { serveHost } from '../../main/host/deviceServer';
import { hostPort } from '../../main/host/hostPort';
import { Context, platforms } from '../../native';
import { SPOILS, trialModel, trialTestSet } from './fpgaTrial';

const LONGEST_MS = 3000;

function spoil(text: string): string {
  const kind = process.env.BNNW_SPOIL;
  if (kind === undefined) return text;
  if (kind !== 'deadlock' && kind !== 'endless' && kind !== 'wrong')
    throw new Error(`no way to spoil: ${kind}`);
  const spoilt = SPOILS[kind](text);
  if (spoilt === text) throw new Error(`${kind} changes nothing`);
  return spoilt;
}

const spoiltFamily: KernelFamily = {
  ...emulatorFamily,
  async prepare(workshop, request) {
    const buildProgram: typeof workshop.buildProgram = (source, options) =>
      workshop.buildProgram(spoil(source), options);
    const prepared = await emulatorFamily.prepare({ ...workshop, buildProgram }, request);
    return { ...prepared, longestMs: LONGEST_MS };
  },
};

const provider: DeviceProvider = {
  id: 'opencl',
  list: () => openClProvider.list(),
  async open(deviceId) {
    const info = (await openClProvider.list()).find(({ id }) => id === deviceId)!;
    const context = new Context(platforms()[0]!.devices()[0]!);
    const cache = new ProgramCache(`${process.env.BNNW_HOME}/programs`);
    return {
      info,
      clockStepNs: null,
      prepare: (model, precision, batchSize) =>
        prepareNetwork(context, cache, model, precision, batchSize, [spoiltFamily]),
      close: () => context.release(),
    };
  },
};

serveHost(hostPort(), {
  loadProvider: async () => provider,
  loadModel: async () => trialModel,
  loadLatent: async () => null,
  loadTestSet: async () => trialTestSet,
});
