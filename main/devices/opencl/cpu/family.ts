/** The integer precisions on an x86 processor, through a driver that compiles clang's builtins and assembly. */
import { WorkbenchError } from '../../../../core/errors';
import type { KernelFamily } from '../family';
import type { Engine } from '../integer/engine';
import { integerLayers } from '../integer/layers';
import { prepareNetwork } from '../integer/network';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { multiplyAddEngine } from './multiplyAdd';
import { compilesAssembly, type Processor, processorOf } from './processor';
import { tilesEngine } from './tiles';

export const cpuFamily: KernelFamily = {
  id: 'cpu',
  precisions: (device) => (compilesAssembly(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal: (device, request) =>
    compilesAssembly(device) ? integerRefusal(request) : 'the kernels for x86 need PoCL on such a processor',
  async prepare(workshop, request) {
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const engine = engineFor(await processorOf(workshop), request.batchSize);
    return prepareNetwork(workshop, plan, layers, engine, request.batchSize);
  },
};

function engineFor(processor: Processor, batchSize: number): Engine {
  if (processor.amxInt8 && batchSize >= 8) return tilesEngine({ outputsOutside: true, units: 8 });
  if (processor.avx512) return multiplyAddEngine({ vectorBytes: 64, vnni: processor.avx512Vnni });
  if (processor.avx2) return multiplyAddEngine({ vectorBytes: 32, vnni: false });
  throw new WorkbenchError('unsupported', 'This processor has no AVX2', { remedy: 'Use fp32' });
}
