/** The integer precisions on an x86 processor, through a driver that compiles clang's builtins and assembly. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { IntegerPlan } from '../../../../core/network/quantization';
import type { Shape } from '../../../../core/network/topology';
import { Random } from '../../../../core/statistics/random';
import { cacheFolder } from '../../../../setup/folders.mjs';
import type { KernelFamily, NetworkRequest, Workshop } from '../family';
import { inOrder } from '../integer/channelOrder';
import type { Engine } from '../integer/engine';
import { type IntegerLayer, integerLayers } from '../integer/layers';
import { IMAGES_AT_A_TIME, type IntegerNetwork, prepareNetwork } from '../integer/network';
import { portableEngine } from '../integer/portable';
import { integerPlan, integerRefusal } from '../integer/refusal';
import { readKernelSource } from '../kernelSource';
import { type Trial, Tuner, type TuningTask } from '../tuner';
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
    const { plan, layers } = orderedLayers(request);
    const engine = await tuner().choose(await tuningTask(workshop, plan, layers, request.batchSize));
    return prepareNetwork(workshop, plan, layers, engine, request.batchSize);
  },
  async tune(workshop, request, again) {
    const { plan, layers } = orderedLayers(request);
    const task = await tuningTask(workshop, plan, layers, request.batchSize);
    return { batchSize: trialBatch(request.batchSize), ...(await tuner().tune(task, again)) };
  },
};

function orderedLayers(request: NetworkRequest): { plan: IntegerPlan; layers: IntegerLayer[] } {
  const plan = integerPlan(request);
  return inOrder(plan, integerLayers(plan), request.model.calibration?.order);
}

function tuner(): Tuner {
  return new Tuner(join(cacheFolder, 'tuning'));
}

/** As many images as pass through the convolutions together: more would mainly lengthen the trial. */
function trialBatch(batchSize: number): number {
  return Math.min(batchSize, IMAGES_AT_A_TIME);
}

async function tuningTask(
  workshop: Workshop,
  plan: IntegerPlan,
  layers: IntegerLayer[],
  batchSize: number,
): Promise<TuningTask<Engine>> {
  const { device } = workshop.context;
  const { bits } = plan;
  const { computeUnits } = device.info;
  const shapes = layers.map(({ signs, requantization, order, ...shape }) => shape);
  const images = smoothImages(plan.input, TRIAL_IMAGES, new Random(1));
  const prepare = async (engine: Engine, batch: number) => {
    const network = await prepareNetwork(workshop, plan, layers, engine, batch);
    return trialOf(workshop, network, repeat(images, batch), batch);
  };
  const batch = trialBatch(batchSize);
  return {
    device,
    subject: { kernels: sourceHash(), shapes, bits, batchSize },
    candidates: candidateEngines(await processorOf(workshop), { bits, batchSize, computeUnits }),
    async reference() {
      const portable = await prepare(portableEngine, TRIAL_IMAGES);
      try {
        return repeat(await portable.answer(), batch);
      } finally {
        portable.release();
      }
    },
    prepare: (engine) => prepare(engine, batch),
  };
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

/**
 * Images of slow waves, [count][height][width][channels]: like photographs, and unlike noise, they leave many
 * activations zero, and look-up is the faster the more do.
 */
export function smoothImages({ channels, height, width }: Shape, count: number, random: Random): Uint8Array {
  const images = new Uint8Array(count * height * width * channels);
  let i = 0;
  for (let n = 0; n < count; n++) {
    const wave = () => ({
      across: 2 * random.unit(),
      down: 2 * random.unit(),
      from: 2 * Math.PI * random.unit(),
    });
    const waves = Array.from({ length: channels }, wave);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (const { across, down, from } of waves) {
          const angle = from + 2 * Math.PI * ((across * x) / width + (down * y) / height);
          images[i++] = Math.round(127.5 + 127.5 * Math.sin(angle));
        }
  }
  return images;
}

/** What stands for {@link TRIAL_IMAGES} images, one after another, as often as fills `count`. */
function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const length = (bytes.length / TRIAL_IMAGES) * count;
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]!);
}

function sourceHash(): string {
  const files = ['vectors', 'tiles', 'permute', 'lookup', 'fewBytes', 'multiplyAdd'].map(
    (name) => `cpu/${name}.cl`,
  );
  return createHash('sha256')
    .update(readKernelSource(...files))
    .digest('hex');
}
