/** From a plan to the launches that run it. Nothing here touches a device. */
import { unreachable } from '../../../../core/errors';
import type { ConvolutionStep, Plan, Step } from '../../../../core/network/plan';
import type { Shape } from '../../../../core/network/topology';
import { affineLaunch, flattenLaunch, normalizeLaunch, poolLaunch } from './elementwise';
import type { Launch } from './launch';
import { type ActivationLayout, activationLayout } from './layout';
import { convolutionLaunch, linearLaunch } from './tiles';
import type { Tuning } from './tuning';

/** Pools up to 4 x 4 are fused: their pixels are held in registers. */
const LARGEST_FUSED_POOL = 4;

/** Every launch of a network, from raw bytes to logits. Each one's output is the next one's input. */
export function networkLaunches(plan: Plan, batchSize: number, tuning: Tuning): Launch[] {
  const steps = plan.steps.flatMap(splitPool);
  const launches: Launch[] = [];
  const append = (output: Shape, next: Step | undefined, launch: (layout: ActivationLayout) => Launch) => {
    const border = next?.kind === 'convolution' ? next.padding : 0;
    const needed = next ? inputShape(next) : { channels: plan.classes, height: 1, width: 1 };
    if (output.height === needed.height && output.width === needed.width) {
      launches.push(launch(activationLayout(output, border)));
    } else {
      const unflattened = activationLayout(output, 0);
      launches.push(launch(unflattened));
      launches.push(flattenLaunch(unflattened, activationLayout(needed, border), batchSize));
    }
  };

  append(plan.input, steps[0], (output) => normalizeLaunch(plan, output, batchSize));
  steps.forEach((step, index) => {
    const input = launches[launches.length - 1]!.output;
    append(outputShape(step), steps[index + 1], (output) =>
      stepLaunch(step, input, output, batchSize, tuning),
    );
  });
  return launches;
}

/** @param input with the border that the step needs, @param output with the one that the next step needs */
export function stepLaunch(
  step: Step,
  input: ActivationLayout,
  output: ActivationLayout,
  batchSize: number,
  tuning: Tuning,
): Launch {
  switch (step.kind) {
    case 'linear':
      return linearLaunch(step, output, batchSize, tuning);
    case 'convolution':
      return convolutionLaunch(step, input, output, batchSize, tuning);
    case 'pool':
      return poolLaunch(step, input, output, batchSize);
    case 'affine':
      return affineLaunch(step, input, output, batchSize);
    default:
      return unreachable(step);
  }
}

/**
 * Overlapping windows would be convolved again and again, and large ones do not fit the registers: there the
 * pool is a launch of its own, and so are scale and shift behind it.
 */
export function splitPool(step: Step): Step[] {
  if (step.kind !== 'convolution' || !step.pool) return [step];
  const { pool, name, convolved, output, scale, shift, relu } = step;
  if (pool.stride >= pool.size && pool.size <= LARGEST_FUSED_POOL) return [step];
  const channels = output.channels;
  const convolution: ConvolutionStep = {
    ...step,
    output: convolved,
    pool: null,
    scale: new Float32Array(channels).fill(1),
    shift: new Float32Array(channels),
    relu: false,
  };
  return [
    convolution,
    { kind: 'pool', name: `pool of ${name}`, input: convolved, output, ...pool },
    { kind: 'affine', name: `scale and shift of ${name}`, input: output, scale, shift, relu },
  ];
}

export function inputShape(step: Step): Shape {
  return step.kind === 'linear' ? { channels: step.inputs, height: 1, width: 1 } : step.input;
}

export function outputShape(step: Step): Shape {
  switch (step.kind) {
    case 'linear':
      return { channels: step.outputs, height: 1, width: 1 };
    case 'convolution':
    case 'pool':
      return step.output;
    case 'affine':
      return step.input;
    default:
      return unreachable(step);
  }
}
