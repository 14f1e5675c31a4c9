/** Intel's FPGA emulator: the kernels of kernels/fpga from source, with real channels, on the CPU. */
import type { Device } from '../../../../native';
import type { KernelFamily, NetworkRequest, PreparedKernels, Workshop } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan } from '../integer/refusal';
import { planChain } from './design';
import { emulationFolding } from './emulationFolding';
import { assembleChain, type Schedule } from './network';
import { longestMs } from './patience';
import { fpgaRefusal } from './refusal';
import { chainSource } from './source';

/** Words in a channel of a board, of which a memory block holds a few hundred. */
const BOARD_DEPTH = 512;

export const emulatorFamily: KernelFamily = {
  id: 'fpga-emulator',
  precisions: (device) => (isEmulator(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!isEmulator(device)) return 'channels need an FPGA or its emulator';
    return fpgaRefusal(request);
  },
  prepare: (workshop, request) => prepareEmulated(workshop, request, scheduleAskedFor()),
};

export function isEmulator({ platform }: Device): boolean {
  return /FPGA Emulation/i.test(platform.info.name);
}

/** BNNW_FPGA_SCHEDULE=at-once runs all kernels together at a board's channel depth; slow, and what a board does. */
function scheduleAskedFor(): Schedule {
  return process.env.BNNW_FPGA_SCHEDULE === 'at-once' ? 'at once' : 'one after another';
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
  const source = { dialect: 'intel', target: 'emulator' } as const;
  const program = await workshop.buildProgram(chainSource(chain, source), '');
  const network = assembleChain({
    ...{ context: workshop.context, queue: workshop.queue, program, plan, layers, chain, source, schedule },
    ...{ batchSize, variant: `FPGA kernels in the emulator, a${plan.bits}, kernels ${schedule}` },
  });
  return { ...network, longestMs: longestMs(layers, batchSize, schedule) };
}
