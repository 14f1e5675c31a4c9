/** A small network for the emulator and a few images for it, with ways to spoil its kernels. */
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { quantize } from '../../core/network/quantization';
import { runIntegerPlan } from '../../core/network/quantizationReference';
import { Random } from '../../core/statistics/random';
import type { TestSet } from '../../main/datasets';
import { randomImages, randomModel } from '../core/network/randomModel';

const random = new Random(9);
const input = { channels: 1, height: 4, width: 4 };
const COUNT = 12;
const steps = [0.2, 0.2];

const drawn = randomModel(random, input, [
  ...[{ kind: 'convolution', outputs: 4, kernel: 3, padding: 1, binary: true } as const],
  ...([{ kind: 'maxPool', size: 2 }, { kind: 'batchNorm' }, { kind: 'relu' }, { kind: 'flatten' }] as const),
  ...([{ kind: 'linear', outputs: 8, binary: true }, { kind: 'batchNorm' }, { kind: 'relu' }] as const),
  { kind: 'linear', outputs: 3 },
]);

export const trialModel: Model = {
  ...drawn,
  id: 'fpga-trial',
  mode: 'deterministic',
  dataset: 'trial-images',
  calibration: { dataset: 'trial-images', images: 1, seed: 1, steps: { a4: steps } },
};

export const trialTestSet: TestSet = {
  id: 'trial-images',
  name: 'Images of a trial',
  classes: 3,
  ...input,
  images: randomImages(random, input, COUNT),
  labels: Uint8Array.from({ length: COUNT }, () => random.below(3)),
  sha256: 'd'.repeat(64),
};

export const trialPlan = quantize(lower(trialModel), 4, steps);

export const rightPredictions = Array.from(
  predictedClasses(runIntegerPlan(trialPlan, trialTestSet.images, COUNT).logits, trialTestSet.classes)!,
);

/** What BNNW_SPOIL names: from a good program's text to one with a mistake. */
export const SPOILS = {
  /** The loader keeps the last word to itself, and the first layer waits for it. */
  deadlock: (text: string) =>
    text.replace('i < images * (ELEMENTS / WIDTH)', 'i < images * (ELEMENTS / WIDTH) - 1'),
  /** The loader begins anew for ever. */
  endless: (text: string) => text.replace('i < images * (ELEMENTS / WIDTH)', 'i > -2'),
  /** A weight is read as its opposite. */
  wrong: (text: string) => text.replaceAll('planes[k] & weights', 'planes[k] & ~weights'),
} as const;
