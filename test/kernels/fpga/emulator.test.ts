/** The FPGA kernels with real channels, in Intel's emulator. Skipped where `bnnw install fpga-emulator` was not run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import { planChain } from '../../../main/devices/opencl/fpga/design';
import { assembleChain, type Schedule } from '../../../main/devices/opencl/fpga/network';
import { chainSource, type SourceOptions } from '../../../main/devices/opencl/fpga/source';
import { integerLayers } from '../../../main/devices/opencl/integer/layers';
import { type Device, liveHandles, platforms } from '../../../native';
import { randomImages } from '../../core/network/randomModel';
import { testRandom } from '../../random';
import { openWorkshop } from '../cpu/workshop';
import { answersOf } from './answers';
import { enterEmulator } from './emulator';
import { cases, randomFolding, randomNetwork } from './networks';

const isInstalled = enterEmulator();
const random = testRandom('FPGA kernels in the emulator');

function emulator(): Device {
  const devices = platforms().flatMap((platform) => platform.devices());
  expect(devices.map(({ platform }) => platform.info.name)).toEqual([
    'Intel(R) FPGA Emulation Platform for OpenCL(TM)',
  ]);
  return devices[0]!;
}

describe.skipIf(!isInstalled)('in the emulator', () => {
  let workshop: ReturnType<typeof openWorkshop>;
  beforeAll(() => {
    workshop = openWorkshop(emulator());
  });
  afterAll(() => {
    workshop.close();
    expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  });

  const settings: { schedule: Schedule; target: SourceOptions['target']; depth: number; binary: boolean }[] =
    [
      { schedule: 'one after another', target: 'emulator', depth: 100_000, binary: false },
      { schedule: 'at once', target: 'board', depth: 16, binary: true },
    ];

  describe.each(settings)('$schedule, written for a $target, reloaded: $binary', (setting) => {
    it.each(cases)('$name: the activations of the reference', async (example) => {
      const { schedule, target, depth, binary } = setting;
      const bits = [4, 8, 2, 3][random.below(4)]!;
      const count = 1 + random.below(3);
      const { model, plan } = randomNetwork(random, example, bits);
      const layers = integerLayers(plan);
      const folding = randomFolding(random, model, depth);
      const chain = planChain(plan, layers, folding);
      const source: SourceOptions = { dialect: 'intel', target, tapped: true };
      let program = await workshop.buildProgram(chainSource(chain, source), '');
      if (binary) {
        const bytes = program.binary();
        program.release();
        program = await workshop.context.loadProgram(bytes, '');
      }
      const network = assembleChain({
        ...{ context: workshop.context, queue: workshop.queue, program, plan, layers, chain, source },
        ...{ schedule, batchSize: count, variant: 'test' },
      });
      const images = randomImages(random, example.input, count);
      const actual = await answersOf(network, workshop.queue, images, count, plan.last.classes);
      network.release();

      const reference = runIntegerPlan(plan, images, count);
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
    });
  });
});
