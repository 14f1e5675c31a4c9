import type { NetworkRequest } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { chainRefusal } from './design';

/** Why the FPGA kernels cannot run the network; null where they can. */
export function fpgaRefusal(request: NetworkRequest): string | null {
  const refusal = integerRefusal(request);
  // A missing calibration is integerPlan's to tell.
  if (refusal !== null || !request.model.calibration?.steps[request.precision]) return refusal;
  return chainRefusal(integerLayers(integerPlan(request)));
}
