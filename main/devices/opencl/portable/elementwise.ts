/** Launches of a work-item a number: normalization, flatten, and the steps that could not be fused. */
import { normalizationTable } from '../../../../core/network/operators';
import type { AffineStep, Plan, PoolStep } from '../../../../core/network/plan';
import { type Launch, placeConstants } from './launch';
import type { ActivationLayout } from './layout';

export function normalizeLaunch(plan: Plan, output: ActivationLayout, batchSize: number): Launch {
  const { channels, height, width } = plan.input;
  return {
    name: 'normalization',
    sources: ['normalize.cl'],
    kernel: 'normalizeBytes',
    constants: { CHANNELS: channels, WIDTH: width, ...placeConstants('OUTPUT', output) },
    parameters: () => [normalizationTable(channels, plan.normalization)],
    scalars: [],
    global: [width * channels, height, batchSize],
    tiled: false,
    output,
    inputExtent: batchSize * channels * height * width,
  };
}

export function flattenLaunch(input: ActivationLayout, output: ActivationLayout, batchSize: number): Launch {
  const { channels, height, width } = input.shape;
  return {
    name: 'flatten',
    sources: ['flatten.cl'],
    kernel: 'flatten',
    constants: { CHANNELS: channels, HEIGHT: height, WIDTH: width, ...bothPlaces(input, output) },
    parameters: () => [],
    scalars: [],
    global: [width * channels, height, batchSize],
    tiled: false,
    output,
    inputExtent: batchSize * input.image,
  };
}

export function poolLaunch(
  step: PoolStep,
  input: ActivationLayout,
  output: ActivationLayout,
  batchSize: number,
): Launch {
  const { channels, height, width } = step.output;
  return {
    name: step.name,
    sources: ['pool.cl'],
    kernel: 'maxPool',
    constants: { CHANNELS: channels, SIZE: step.size, STRIDE: step.stride, ...bothPlaces(input, output) },
    parameters: () => [],
    scalars: [],
    global: [width * channels, height, batchSize],
    tiled: false,
    output,
    inputExtent: batchSize * input.image,
  };
}

export function affineLaunch(
  step: AffineStep,
  input: ActivationLayout,
  output: ActivationLayout,
  batchSize: number,
): Launch {
  const { channels, height, width } = step.input;
  return {
    name: step.name,
    sources: ['affine.cl'],
    kernel: 'affine',
    constants: { CHANNELS: channels, RELU: Number(step.relu), ...bothPlaces(input, output) },
    parameters: () => [step.scale, step.shift],
    scalars: [],
    global: [width * channels, height, batchSize],
    tiled: false,
    output,
    inputExtent: batchSize * input.image,
  };
}

function bothPlaces(input: ActivationLayout, output: ActivationLayout): Record<string, number> {
  return { ...placeConstants('INPUT', input), ...placeConstants('OUTPUT', output) };
}
