/** The FPGA kernels with arrays in place of channels: every layer's activations against the reference. */
import { afterAll, describe, expect, it } from 'vitest';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import { planChain } from '../../../main/devices/opencl/fpga/design';
import { assembleChain } from '../../../main/devices/opencl/fpga/network';
import { chainSource, type SourceOptions } from '../../../main/devices/opencl/fpga/source';
import { integerLayers } from '../../../main/devices/opencl/integer/layers';
import { liveHandles } from '../../../native';
import { randomImages } from '../../core/network/randomModel';
import { testDevice } from '../../openclDevice';
import { testRandom } from '../../random';
import { openWorkshop } from '../cpu/workshop';
import { answersOf } from './answers';
import { cases, randomFolding, randomNetwork } from './networks';

const random = testRandom('FPGA kernels');
const workshop = openWorkshop(testDevice());
afterAll(() => {
  workshop.close();
  expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
});

describe.each(['emulator', 'board'] as const)('written for a %s, with arrays', (target) => {
  it.each(cases)('$name: the activations of the reference', async (example) => {
    for (const bits of target === 'board' ? [4] : [8, 2 + random.below(3)]) {
      const count = 1 + random.below(4);
      const { model, plan } = randomNetwork(random, example, bits);
      const layers = integerLayers(plan);
      const folding = randomFolding(random, model, 1);
      const chain = planChain(plan, layers, folding);
      const source: SourceOptions = { dialect: 'arrays', target };
      const program = await workshop.buildProgram(chainSource(chain, source), '');
      const network = assembleChain({
        ...{ context: workshop.context, queue: workshop.queue, program, plan, layers, chain, source },
        ...{ schedule: 'one after another', batchSize: count, variant: 'test' },
      });
      const images = randomImages(random, example.input, count);
      const actual = await answersOf(network, workshop.queue, images, count, plan.last.classes);
      network.release();

      const reference = runIntegerPlan(plan, images, count);
      // A pool behind a layer is part of it in the kernels.
      const expected = reference.activations.filter((_, i) => plan.steps[i + 1]?.kind !== 'pool');
      const folded = folding.layers.map(({ pe, simd }) => `${pe}x${simd}`).join(' ');
      expect(actual.activations.length).toBe(expected.length);
      actual.activations.forEach((activation, i) => {
        const where = activation.findIndex((value, k) => value !== expected[i]![k]);
        expect(where, `a${bits}, batch ${count}, folding ${folded}, layer ${i}`).toBe(-1);
      });
      actual.logits.forEach((logit, i) => {
        expect(Math.abs(logit - reference.logits[i]!)).toBeLessThan(1e-3);
      });
    }
  });
});
