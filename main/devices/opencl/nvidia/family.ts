/** The integer precisions on the binary matrix instructions of NVIDIA's GPUs, from Ampere on. */
import type { Device } from '../../../../native';
import type { KernelFamily, NetworkRequest } from '../family';
import { type IntegerLayer, integerLayers } from '../integer/layers';
import { prepareNetwork } from '../integer/network';
import { portableEngine } from '../integer/portable';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { architectureOf, type Instruction, isNvidia, WARPGROUPS } from './architecture';
import { hiddenPlacements, layersRefusal, type Target } from './layers';
import { activationBytes, sumBytes } from './layout';
import { prepareNvidia, type Variant } from './network';

/** Ampere: the first to AND bits in its matrix instructions. */
const BINARY_AND = 80;

const FEW_IMAGES = 4;
const MANY_VECTORS = 1024;

export const nvidiaFamily: KernelFamily = {
  id: 'nvidia',
  precisions: (device) => (isNvidia(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!isNvidia(device)) return 'the bit-plane kernels need an NVIDIA GPU';
    const refusal = integerRefusal(request);
    if (refusal !== null || !request.model.calibration?.steps[request.precision]) return refusal;
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const bytes = hiddenPlacements(layers, plan.bits).reduce(
      (sum, placement) =>
        sum + activationBytes(placement, request.batchSize) + sumBytes(placement, request.batchSize),
      0,
    );
    if (bytes > device.info.maxAllocationBytes) {
      return `the activations of ${request.batchSize} images do not fit into one buffer of this device`;
    }
    return layersRefusal(layers, targetOf(device, request, plan.bits, 'wgmma'));
  },
  async prepare(workshop, request) {
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const architecture = await architectureOf(workshop);
    const instruction = architecture === WARPGROUPS ? 'wgmma' : 'mma.sync';
    const groupsAUnit = groupsFor(layers, instruction, request.batchSize);
    const variant: Variant = { instruction, entry: 'one launch', groupsAUnit };
    const refusal =
      architecture < BINARY_AND
        ? `sm_${architecture} cannot AND bits in matrix instructions`
        : layersRefusal(layers, targetOf(workshop.context.device, request, plan.bits, variant.instruction));
    if (refusal === null) return prepareNvidia(workshop, plan, layers, request.batchSize, variant);
    const network = await prepareNetwork(workshop, plan, layers, portableEngine, request.batchSize);
    return { ...network, variant: `${network.variant} (${refusal})` };
  },
};

/**
 * Measured on an H100: three groups of convolutions hide each other's waits and still keep their weights in
 * registers; linear layers need fewer registers; a few images do not fill one group a unit, and fewer groups meet
 * sooner.
 */
function groupsFor(
  layers: readonly IntegerLayer[],
  instruction: Instruction,
  batchSize: number,
): Variant['groupsAUnit'] {
  if (instruction === 'mma.sync') return 2;
  if (batchSize <= FEW_IMAGES) return 1;
  const hasMaps = layers.some(({ convolved }) => convolved.height > 1);
  if (hasMaps) return 3;
  return batchSize < MANY_VECTORS ? 2 : 4;
}

function targetOf(
  device: Device,
  { batchSize }: NetworkRequest,
  bits: number,
  instruction: Instruction,
): Target {
  return { bits, instruction, batchSize, computeUnits: device.info.computeUnits };
}
