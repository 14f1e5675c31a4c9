/** Half precision on the matrix units of NVIDIA's GPUs, from Ampere on; for models of any mode. */
import { WorkbenchError } from '../../../../core/errors';
import { elements } from '../../../../core/network/shapes';
import type { Device } from '../../../../native';
import type { KernelFamily, NetworkRequest } from '../family';
import { architectureOf, isNvidia, WARPGROUPS } from '../nvidia/architecture';
import { chainOf, type Launch, networkLaunches, type Target } from './launches';
import { prepareLaunches } from './network';

/** Ampere: asynchronous copies, and matrix instructions 16 halves deep. */
const ASYNCHRONOUS_COPIES = 80;

export const fp16Family: KernelFamily = {
  id: 'nvidia-fp16',
  precisions: (device) => (isNvidia(device) ? ['fp16'] : []),
  refusal(device, request) {
    if (!isNvidia(device)) return 'the kernels on halves need an NVIDIA GPU';
    if (request.precision !== 'fp16') return `the kernels on halves do not compute in ${request.precision}`;
    const launches = launchesOf(device, request, 'wgmma');
    return typeof launches === 'string' ? launches : memoryRefusal(launches, request, device);
  },
  async prepare(workshop, request) {
    const { device } = workshop.context;
    const architecture = await architectureOf(workshop);
    const instruction = architecture === WARPGROUPS ? 'wgmma' : 'mma.sync';
    const launches = launchesOf(device, request, instruction);
    const refusal =
      architecture < ASYNCHRONOUS_COPIES
        ? `the kernels on halves need an Ampere GPU or a newer one, and this is sm_${architecture}`
        : launches;
    if (typeof refusal === 'string') {
      throw new WorkbenchError('unsupported', `${request.model.id} cannot run at fp16 here: ${refusal}`, {
        where: device.info.name,
        remedy: 'Choose fp32.',
      });
    }
    const inputBytes = request.batchSize * elements(request.plan.input);
    return prepareLaunches(workshop, refusal, instruction, inputBytes);
  },
};

function launchesOf(
  { info }: Device,
  { plan, batchSize }: NetworkRequest,
  instruction: Target['instruction'],
): Launch[] | string {
  const chain = chainOf(plan);
  if (typeof chain === 'string') return chain;
  return networkLaunches(plan, chain, { instruction, batchSize, computeUnits: info.computeUnits });
}

function memoryRefusal(
  launches: readonly Launch[],
  { batchSize }: NetworkRequest,
  { info }: Device,
): string | null {
  const bytes = launches.map(({ outputBytes }) => outputBytes);
  const fits =
    Math.max(...bytes) <= info.maxAllocationBytes &&
    bytes.reduce((sum, size) => sum + size, 0) <= info.globalMemoryBytes;
  return fits ? null : `the activations of ${batchSize} images do not fit into the memory of this device`;
}
