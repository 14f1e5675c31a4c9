import { elements } from '../../../../core/network/shapes';
import type { NetworkRequest } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { chainRefusal } from './design';

const MOST_BYTES = 2 ** 31;

/** Why the FPGA kernels cannot run the network; null where they can. */
export function fpgaRefusal(request: NetworkRequest): string | null {
  const refusal = integerRefusal(request);
  // A missing calibration is integerPlan's to tell.
  if (refusal !== null || !request.model.calibration?.steps[request.precision]) return refusal;
  if (request.batchSize * elements(request.plan.input) >= MOST_BYTES) {
    return `the FPGA kernels count the bytes of a batch in 32 bits, and ${request.batchSize} images have more`;
  }
  return chainRefusal(integerLayers(integerPlan(request)));
}
