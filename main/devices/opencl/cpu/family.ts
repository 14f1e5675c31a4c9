/** The integer precisions on an x86 processor, through a driver that compiles clang's builtins and assembly. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import { Random } from '../../../../core/statistics/random';
import { cacheFolder } from '../../../../setup/folders.mjs';
import type { KernelFamily, Workshop } from '../family';
import type { Engine } from '../integer/engine';
import { type IntegerLayer, integerLayers } from '../integer/layers';
import { type IntegerNetwork, prepareNetwork } from '../integer/network';
import { portableEngine } from '../integer/portable';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { readKernelSource } from '../kernelSource';
import { type Trial, Tuner } from '../tuner';
import { candidateEngines } from './engines';
import { compilesAssembly, processorOf } from './processor';

/** Different images in a trial; the batch repeats them. */
const TRIAL_IMAGES = 2;

export const cpuFamily: KernelFamily = {
  id: 'cpu',
  precisions: (device) => (compilesAssembly(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal: (device, request) =>
    compilesAssembly(device) ? integerRefusal(request) : 'the kernels for x86 need PoCL on such a processor',
  async prepare(workshop, request) {
    const plan = integerPlan(request);
    const layers = integerLayers(plan);
    const engine = await tunedEngine(workshop, plan, layers, request.batchSize);
    return prepareNetwork(workshop, plan, layers, engine, request.batchSize);
  },
};

async function tunedEngine(
  workshop: Workshop,
  plan: IntegerPlan,
  layers: IntegerLayer[],
  batchSize: number,
): Promise<Engine> {
  const { device } = workshop.context;
  const { bits } = plan;
  const { computeUnits } = device.info;
  const candidates = candidateEngines(await processorOf(workshop), { bits, batchSize, computeUnits });
  const shapes = layers.map(({ signs, requantization, ...shape }) => shape);
  const random = new Random(1);
  const images = Uint8Array.from({ length: TRIAL_IMAGES * elements(plan.input) }, () => random.below(256));
  const trial = async (tried: Engine, batch: number) =>
    trialOf(
      workshop,
      await prepareNetwork(workshop, plan, layers, tried, batch),
      repeat(images, batch),
      batch,
    );
  return new Tuner(join(cacheFolder, 'tuning')).choose(
    device,
    { kernels: sourceHash(), shapes, bits, batchSize },
    candidates,
    async () => {
      const reference = await trial(portableEngine, TRIAL_IMAGES);
      try {
        return repeat(await reference.answer(), batchSize);
      } finally {
        reference.release();
      }
    },
    (candidate) => trial(candidate, batchSize),
  );
}

function trialOf(
  { queue }: Workshop,
  { input, commands, activations, release }: IntegerNetwork,
  images: Uint8Array,
  batchSize: number,
): Trial {
  const run = () => queue.run([...commands], { repeats: 1 });
  return {
    async answer() {
      queue.write(input, images);
      await run();
      const { buffer, decode } = activations[activations.length - 1]!;
      const bytes = new Uint8Array(buffer.bytes);
      queue.read(buffer, bytes);
      return decode(bytes, batchSize);
    },
    async elapsedNs() {
      return (await run()).hostNs[0]!;
    },
    release,
  };
}

/** What stands for {@link TRIAL_IMAGES} images, one after another, as often as fills `count`. */
function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const length = (bytes.length / TRIAL_IMAGES) * count;
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]!);
}

function sourceHash(): string {
  const files = ['vectors', 'tiles', 'lookup', 'multiplyAdd'].map((name) => `cpu/${name}.cl`);
  return createHash('sha256')
    .update(readKernelSource(...files))
    .digest('hex');
}
