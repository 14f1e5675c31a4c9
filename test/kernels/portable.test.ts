import { afterAll, describe, expect, it } from 'vitest';
import { realValues } from '../../core/network/binaryWeights';
import type { Tensor } from '../../core/network/model';
import * as operators from '../../core/network/operators';
import type { AffineStep, ConvolutionStep, LinearStep, Plan, PoolStep, Step } from '../../core/network/plan';
import { elements } from '../../core/network/shapes';
import type { Shape } from '../../core/network/topology';
import { flattenLaunch, normalizeLaunch } from '../../main/devices/opencl/portable/elementwise';
import { inputShape, outputShape, splitPool, stepLaunch } from '../../main/devices/opencl/portable/launches';
import { activationLayout } from '../../main/devices/opencl/portable/layout';
import { portableTuning, type Tuning } from '../../main/devices/opencl/portable/tuning';
import { Context, liveHandles } from '../../native';
import { randomSigns, relativeDifference } from '../core/network/randomModel';
import { testDevice } from '../openclDevice';
import { testRandom } from '../random';
import { fromLayout, runLaunch, toLayout } from './runLaunch';

const random = testRandom('portable kernels');
const device = testDevice();
const before = liveHandles();
/** One for all tests: PoCL's first build in a context takes five times as long as the next ones. */
const context = new Context(device);
afterAll(() => {
  context.release();
  expect(liveHandles()).toEqual(before);
});

/** The device's own tiles, and those of a GPU, whose weights lie in wide groups. */
const tunings: [string, Tuning][] = [
  ['tiles of this device', portableTuning(device.info)],
  ['tiles of a GPU', portableTuning({ ...device.info, type: 'gpu' })],
  ['one-bit weights as floats', { ...portableTuning(device.info), unpackFrom: 1 }],
];

const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

/** The terms of one output's sum. */
const termsOf = (step: Step): number => ('weights' in step ? elementsAnOutput(step.weights) : 1);
const elementsAnOutput = ({ shape: [, ...rest] }: Tensor) =>
  rest.reduce((product, size) => product * size, 1);

/** How far single precision may end from the reference: rounding grows with the root of the number of terms. */
const tolerance = (step: Step) => Math.max(2e-6, 4 * Math.sqrt(termsOf(step)) * 2 ** -24);

/** Runs one step on random activations and compares with the reference operators, image by image. */
async function expectReference(
  step: Step,
  tuning: Tuning,
  batchSize: number,
  reference: (x: Float32Array) => Float32Array,
) {
  const inputBorder = step.kind === 'convolution' ? step.padding : random.below(2);
  const input = activationLayout(inputShape(step), step.kind === 'linear' ? 0 : inputBorder);
  const output = activationLayout(outputShape(step), random.below(3));
  const launch = stepLaunch(step, input, output, batchSize, tuning);
  const images = Array.from({ length: batchSize }, () => floats(elements(input.shape)));
  const bytes = new Uint8Array(toLayout(images, input, launch.inputExtent).buffer);
  const buffer = await runLaunch(context, launch, tuning, bytes, batchSize);
  fromLayout(buffer, output, batchSize).forEach((image, n) => {
    expect(relativeDifference(image, reference(images[n]!))).toBeLessThan(tolerance(step));
  });
}

function weights(shape: number[], binary: boolean): Tensor {
  if (binary) return randomSigns(random, shape, 'weights');
  return { kind: 'real', shape, data: floats(shape.reduce((product, size) => product * size, 1)) };
}

function finish(step: { scale: Float32Array; shift: Float32Array; relu: boolean }, x: Float32Array) {
  const y = operators.affine(x, step.scale, step.shift);
  return step.relu ? operators.relu(y) : y;
}

describe.each(tunings)('%s', (_, tuning) => {
  describe.each([
    ['one-bit weights', true],
    ['real weights', false],
  ])('%s', (_, binary) => {
    it.each([
      // inputs, outputs, batch
      [1, 1, 1],
      [5, 3, 2],
      [31, 16, 8],
      [32, 17, 9],
      [33, 100, 16],
      [64, 130, 17],
      [257, 10, 33],
    ])('linear %i to %i, batch %i', async (inputs, outputs, batchSize) => {
      const step: LinearStep = {
        kind: 'linear',
        name: 'linear',
        inputs,
        outputs,
        weights: weights([outputs, inputs], binary),
        scale: floats(outputs),
        shift: floats(outputs),
        relu: random.below(2) === 1,
      };
      const values = realValues(step.weights);
      await expectReference(step, tuning, batchSize, (x) =>
        finish(step, operators.linear(x, values, outputs)),
      );
    });

    it.each([
      // channels x height x width, outputs, kernel, stride, padding, pool size, pool stride, batch
      [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1],
      [3, 32, 32, 16, 3, 3, 1, 1, 0, 0, 1],
      [3, 7, 5, 17, 3, 3, 1, 1, 0, 0, 2],
      [16, 8, 8, 32, 3, 3, 1, 1, 2, 2, 3],
      [5, 9, 9, 10, 3, 3, 1, 1, 2, 2, 2],
      [33, 5, 19, 7, 3, 3, 1, 1, 2, 2, 1],
      [4, 11, 13, 9, 5, 5, 1, 2, 3, 3, 2],
      [2, 9, 8, 130, 3, 3, 2, 1, 0, 0, 1],
      [6, 9, 11, 20, 5, 5, 2, 0, 0, 0, 2],
      [3, 10, 10, 5, 3, 3, 2, 2, 2, 2, 1],
      [64, 1, 1, 33, 3, 3, 1, 1, 0, 0, 5],
      [7, 6, 6, 8, 1, 1, 1, 0, 4, 4, 2],
      [7, 6, 6, 8, 1, 1, 3, 1, 0, 0, 2],
      [2, 6, 9, 4, 1, 5, 1, 2, 0, 0, 2],
      [2, 9, 6, 4, 5, 1, 2, 1, 2, 3, 2],
      [3, 8, 17, 12, 3, 3, 1, 0, 2, 3, 1],
    ])(
      'convolution %i x %i x %i to %i, kernel %i x %i, stride %i, padding %i, pool %i/%i, batch %i',
      async (...sizes) => {
        const [
          channels,
          height,
          width,
          outputs,
          kernelHeight,
          kernelWidth,
          stride,
          padding,
          size,
          poolStride,
          batch,
        ] = sizes;
        const convolved = slide(
          { channels, height, width },
          outputs,
          kernelHeight,
          kernelWidth,
          stride,
          padding,
        );
        const step: ConvolutionStep = {
          kind: 'convolution',
          name: 'convolution',
          input: { channels, height, width },
          convolved,
          output: size > 0 ? slide(convolved, outputs, size, size, poolStride, 0) : convolved,
          kernelHeight,
          kernelWidth,
          stride,
          padding,
          weights: weights([outputs, channels, kernelHeight, kernelWidth], binary),
          pool: size > 0 ? { size, stride: poolStride } : null,
          scale: floats(outputs),
          shift: floats(outputs),
          relu: random.below(2) === 1,
        };
        expect(splitPool(step)).toEqual([step]);
        const values = realValues(step.weights);
        await expectReference(step, tuning, batch, (x) => {
          const sums = operators.convolution(x, values, step);
          const pooled = step.pool ? operators.maxPool(sums, convolved, step.output, size, poolStride) : sums;
          return finish(step, pooled);
        });
      },
    );
  });
});

const tuning = portableTuning(device.info);

it.each([
  [1, 1, 1, 1, 1, 1],
  [3, 5, 7, 2, 2, 2],
  [17, 9, 6, 3, 3, 1],
  [4, 11, 11, 3, 2, 3],
  [2, 8, 9, 5, 5, 2],
  [3, 10, 10, 1, 2, 2],
])(
  'max pool of %i x %i x %i, size %i, stride %i, batch %i',
  async (channels, height, width, size, stride, batch) => {
    const input = { channels, height, width };
    const output = slide(input, channels, size, size, stride, 0);
    const step: PoolStep = { kind: 'pool', name: 'pool', input, output, size, stride };
    await expectReference(step, tuning, batch, (x) => operators.maxPool(x, input, output, size, stride));
  },
);

it.each([
  [1, 1, 1, true, 1],
  [17, 3, 5, false, 2],
  [3, 8, 8, true, 3],
  [130, 1, 1, true, 4],
])('scale and shift of %i x %i x %i, ReLU %s, batch %i', async (channels, height, width, relu, batch) => {
  const [scale, shift] = [floats(channels), floats(channels)];
  const step: AffineStep = {
    kind: 'affine',
    name: 'affine',
    input: { channels, height, width },
    scale,
    shift,
    relu,
  };
  await expectReference(step, tuning, batch, (x) => finish(step, x));
});

it.each([
  [1, 28, 28, 0, 2],
  [3, 5, 7, 1, 3],
  [4, 1, 1, 2, 1],
])(
  'normalization of %i x %i x %i into a border of %i, batch %i',
  async (channels, height, width, border, batch) => {
    const shape: Shape = { channels, height, width };
    const normalization = {
      mean: Array.from({ length: channels }, () => random.unit()),
      deviation: Array.from({ length: channels }, () => 0.1 + random.unit()),
    };
    const plan: Plan = { input: shape, normalization, classes: 1, steps: [] };
    const output = activationLayout(shape, border);
    const size = elements(shape);
    const bytes = Uint8Array.from({ length: batch * size }, () => random.below(256));
    const buffer = await runLaunch(context, normalizeLaunch(plan, output, batch), tuning, bytes, batch);
    fromLayout(buffer, output, batch).forEach((image, n) => {
      const raw = bytes.subarray(n * size, (n + 1) * size);
      expect(image).toEqual(operators.normalize(raw, shape, normalization));
    });
  },
);

it('flatten puts channels first', async () => {
  const input = activationLayout({ channels: 5, height: 3, width: 4 }, 0);
  const output = activationLayout({ channels: 60, height: 1, width: 1 }, 1);
  const launch = flattenLaunch(input, output, 2);
  const images = [floats(60), floats(60)];
  const bytes = new Uint8Array(toLayout(images, input, launch.inputExtent).buffer);
  expect(fromLayout(await runLaunch(context, launch, tuning, bytes, 2), output, 2)).toEqual(images);
});

/** The shape behind a window that moves over a padded image. */
function slide(
  { height, width }: Shape,
  channels: number,
  windowHeight: number,
  windowWidth: number,
  stride: number,
  padding: number,
): Shape {
  return {
    channels,
    height: Math.floor((height + 2 * padding - windowHeight) / stride) + 1,
    width: Math.floor((width + 2 * padding - windowWidth) / stride) + 1,
  };
}
