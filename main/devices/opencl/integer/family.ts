/** The integer precisions on any device. */
import type { KernelFamily } from '../family';
import { integerLayers } from './layers';
import { prepareNetwork } from './network';
import { portableEngine } from './portable';
import { integerPlan, integerRefusal } from './refusal';

export const portableIntegerFamily: KernelFamily = {
  id: 'portable-integer',
  precisions: ({ info }) => (info.compilerAvailable ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal: ({ info }, request) =>
    info.compilerAvailable ? integerRefusal(request) : 'this device compiles no kernels',
  prepare(workshop, request) {
    const plan = integerPlan(request);
    return prepareNetwork(workshop, plan, integerLayers(plan), portableEngine, request.batchSize);
  },
};
