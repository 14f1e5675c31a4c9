import { WorkbenchError } from '../../../../core/errors';
import { activationBits } from '../../../../core/network/precision';
import { calibratedSteps, type IntegerPlan, quantize } from '../../../../core/network/quantization';
import type { NetworkRequest } from '../family';
import { integerLayers } from './layers';

/** Why no integer kernel can run the network; null where some can. A missing calibration is {@link integerPlan}'s to tell. */
export function integerRefusal(request: NetworkRequest): string | null {
  const { model, precision } = request;
  if (activationBits(precision) === null) return `the integer kernels do not compute in ${precision}`;
  if (model.mode === 'none') return 'the weights of a model of mode none are not one bit each';
  if (!model.calibration?.steps[precision]) return null;
  try {
    integerLayers(integerPlan(request));
    return null;
  } catch (error) {
    if (error instanceof WorkbenchError && error.kind === 'unsupported') return error.message;
    throw error;
  }
}

/** @throws WorkbenchError `not-available` where the model has no scales for this precision */
export function integerPlan({ model, plan, precision }: NetworkRequest): IntegerPlan {
  const { bits, steps } = calibratedSteps(model.calibration, precision);
  return quantize(plan, bits, steps);
}
