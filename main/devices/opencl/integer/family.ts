/** The integer precisions on any device. */
import type { KernelFamily } from '../family';
import { integerLayers } from './layers';
import { prepareNetwork } from './network';
import { portableEngine } from './portable';
import { integerPlan, integerRefusal } from './refusal';

export const portableIntegerFamily: KernelFamily = {
  id: 'portable-integer',
  precisions: () => ['a8', 'a4', 'a3', 'a2'],
  refusal: (_device, request) => integerRefusal(request),
  prepare(workshop, request) {
    const plan = integerPlan(request);
    return prepareNetwork(workshop, plan, integerLayers(plan), portableEngine, request.batchSize);
  },
};
