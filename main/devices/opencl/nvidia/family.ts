/** The integer precisions of up to 4 bits on the binary matrix instructions of NVIDIA's GPUs, from Ampere on. */
import type { Device } from '../../../../native';
import type { KernelFamily } from '../family';
import { integerLayers } from '../integer/layers';
import { prepareNetwork } from '../integer/network';
import { portableEngine } from '../integer/portable';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { architectureOf } from './architecture';
import { layersRefusal } from './layers';
import { activationBytes } from './layout';
import { prepareNvidia } from './network';

/** Ampere: the first to AND bits in its matrix instructions. */
const BINARY_AND = 80;

/** Hopper: the only one with wgmma. */
const WARPGROUPS = 90;

export const nvidiaFamily: KernelFamily = {
  id: 'nvidia',
  precisions: (device) => (isNvidia(device) ? ['a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!isNvidia(device)) return 'the bit-plane kernels need an NVIDIA GPU';
    const refusal = integerRefusal(request);
    if (refusal !== null || !request.model.calibration?.steps[request.precision]) return refusal;
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const bytes = layers.reduce((sum, { output }) => sum + activationBytes(output, plan.bits), 0);
    if (bytes * request.batchSize > device.info.maxAllocationBytes) {
      return `the activations of ${request.batchSize} images do not fit into one buffer of this device`;
    }
    return layersRefusal(layers, plan.bits);
  },
  async prepare(workshop, request) {
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const architecture = await architectureOf(workshop);
    if (architecture >= BINARY_AND) {
      return prepareNvidia(workshop, plan, layers, request.batchSize, {
        instruction: architecture === WARPGROUPS ? 'wgmma' : 'mma.sync',
        entry: 'one launch',
      });
    }
    const network = await prepareNetwork(workshop, plan, layers, portableEngine, request.batchSize);
    const why = `sm_${architecture} cannot AND bits in matrix instructions`;
    return { ...network, variant: `${network.variant} (${why})` };
  },
};

function isNvidia({ info, platform }: Device): boolean {
  return info.type === 'gpu' && platform.info.name === 'NVIDIA CUDA';
}
