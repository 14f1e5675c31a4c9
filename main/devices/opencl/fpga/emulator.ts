/**
 * Intel's FPGA emulator: the kernels of kernels/fpga with real channels, on the CPU. From an emulator's image where
 * the library has one that fits, as a board would run it; else from source.
 */
import { WorkbenchError } from '../../../../core/errors';
import type { Step } from '../../../../core/network/plan';
import { elements } from '../../../../core/network/shapes';
import type { Device } from '../../../../native';
import type { KernelFamily, NetworkRequest, PreparedKernels, Workshop } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan } from '../integer/refusal';
import { findImage, libraryImages, prepareFound } from './board';
import { planChain } from './design';
import { emulationFolding } from './emulationFolding';
import { assembleChain, type Schedule } from './network';
import { longestMs, requireWorkers } from './patience';
import { fpgaRefusal } from './refusal';
import { chainSource } from './source';

/** Words in a channel of a board, of which a memory block holds a few hundred. */
const BOARD_DEPTH = 512;

export const emulatorFamily: KernelFamily = {
  id: 'fpga-emulator',
  precisions: (device) => (isEmulator(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!isEmulator(device)) return 'channels need an FPGA or its emulator';
    return fpgaRefusal(request) ?? memoryRefusal(device, request);
  },
  async prepare(workshop, request) {
    const schedule = scheduleAskedFor();
    const images = libraryImages();
    const deviceName = workshop.context.device.info.name;
    const found = await findImage(request, images, { vendor: 'intel', target: 'emulator', deviceName });
    return 'image' in found
      ? prepareFound(workshop, request, images, found)
      : prepareEmulated(workshop, request, schedule);
  },
};

export function isEmulator({ platform }: Device): boolean {
  return /FPGA Emulation/i.test(platform.info.name);
}

/**
 * BNNW_FPGA_SCHEDULE=at-once runs all kernels together at a board's channel depth; slow, and what a board does.
 * @throws WorkbenchError `usage`
 */
export function scheduleAskedFor(asked = process.env.BNNW_FPGA_SCHEDULE): Schedule {
  if (asked === undefined || asked === '' || asked === 'one-after-another') return 'one after another';
  if (asked === 'at-once') return 'at once';
  throw new WorkbenchError('usage', `There is no schedule ${asked} of FPGA kernels.`, {
    where: 'BNNW_FPGA_SCHEDULE',
    remedy: 'Set it to at-once or one-after-another, or leave it unset.',
  });
}

/** Channels that hold a batch need its memory. */
function memoryRefusal({ info }: Device, { plan, batchSize }: NetworkRequest): string | null {
  const words = plan.steps.reduce((sum, step) => sum + outputElements(step), elements(plan.input));
  if (words * batchSize < info.globalMemoryBytes / 2) return null;
  return `the channels between the layers of ${batchSize} images do not fit into memory`;
}

function outputElements(step: Step): number {
  return step.kind === 'linear' ? step.outputs : elements('output' in step ? step.output : step.input);
}

async function prepareEmulated(
  workshop: Workshop,
  request: NetworkRequest,
  schedule: Schedule,
): Promise<PreparedKernels> {
  const plan = integerPlan(request);
  const layers = integerLayers(plan);
  const { batchSize } = request;
  const depthOf = (words: number) => (schedule === 'at once' ? BOARD_DEPTH : words * batchSize);
  const chain = planChain(plan, layers, emulationFolding(request.model.topology, depthOf));
  if (schedule === 'at once') requireWorkers(chain.kernels.length);
  const source = { dialect: 'intel', target: 'emulator' } as const;
  const program = await workshop.buildProgram(chainSource(chain, source), '');
  const network = assembleChain({
    ...{ context: workshop.context, queue: workshop.queue, program, plan, layers, chain, source, schedule },
    ...{ batchSize, variant: `FPGA kernels in the emulator, a${plan.bits}, kernels ${schedule}` },
  });
  return { ...network, longestMs: longestMs(layers, batchSize, schedule) };
}
