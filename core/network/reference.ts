/**
 * Whole networks by the reference operators, one image after another: `runModel` layer by layer as trained,
 * `runPlan` step by step as lowered.
 */
import { unreachable } from '../errors';
import { realValues } from './binaryWeights';
import { readTensor } from './lowering';
import type { Model } from './model';
import { addBias, affine, batchNorm, convolution, linear, maxPool, normalize, relu } from './operators';
import type { Plan, Step } from './plan';
import { elements, layerShapes } from './shapes';
import type { Layer, Normalization, Shape } from './topology';

type Operator = (input: Float32Array) => Float32Array;

/**
 * @param images raw bytes, [count][height][width][channels]
 * @returns logits, [count][classes]
 */
export function runPlan(plan: Plan, images: Uint8Array, count: number): Float32Array {
  return runChain(plan, plan.steps.map(stepOperator), images, count);
}

/**
 * The unfused network, straight from its layers.
 * @param images raw bytes, [count][height][width][channels]
 * @returns logits, [count][classes]
 * @throws WorkbenchError `refused-file` where the layers or tensors do not fit each other
 */
export function runModel(model: Model, images: Uint8Array, count: number): Float32Array {
  const { topology } = model;
  const shapes = layerShapes(topology);
  const operators = topology.layers.map((layer, index) =>
    layerOperator(model, layer, shapes[index - 1] ?? topology.input, shapes[index]!),
  );
  return runChain(topology, operators, images, count);
}

function runChain(
  network: { input: Shape; normalization: Normalization; classes: number },
  operators: Operator[],
  images: Uint8Array,
  count: number,
): Float32Array {
  const imageBytes = elements(network.input);
  const logits = new Float32Array(count * network.classes);
  for (let n = 0; n < count; n++) {
    const bytes = images.subarray(n * imageBytes, (n + 1) * imageBytes);
    const first = normalize(bytes, network.input, network.normalization);
    logits.set(
      operators.reduce((activation, operator) => operator(activation), first),
      n * network.classes,
    );
  }
  return logits;
}

/** One step; its weights are unpacked once, for all images. */
function stepOperator(step: Step): Operator {
  const finish = (x: Float32Array) => (step.kind !== 'pool' && step.relu ? relu(x) : x);
  switch (step.kind) {
    case 'linear': {
      const weights = realValues(step.weights);
      return (x) => finish(affine(linear(x, weights, step.outputs), step.scale, step.shift));
    }
    case 'convolution': {
      const weights = realValues(step.weights);
      const { pool, convolved, output } = step;
      return (x) => {
        const sums = convolution(x, weights, step);
        const pooled = pool ? maxPool(sums, convolved, output, pool.size, pool.stride) : sums;
        return finish(affine(pooled, step.scale, step.shift));
      };
    }
    case 'pool':
      return (x) => maxPool(x, step.input, step.output, step.size, step.stride);
    case 'affine':
      return (x) => finish(affine(x, step.scale, step.shift));
    default:
      return unreachable(step);
  }
}

function layerOperator(model: Model, layer: Layer, input: Shape, output: Shape): Operator {
  const values = (name: string, shape: number[]) => realValues(readTensor(model, name, shape));
  switch (layer.kind) {
    case 'linear': {
      const weights = values(`${layer.name}.weight`, [layer.outputs, layer.inputs]);
      const bias = values(`${layer.name}.bias`, [layer.outputs]);
      return (x) => addBias(linear(x, weights, layer.outputs), bias);
    }
    case 'convolution': {
      const { name, inputs, outputs, kernelHeight, kernelWidth } = layer;
      const weights = values(`${name}.weight`, [outputs, inputs, kernelHeight, kernelWidth]);
      const bias = values(`${name}.bias`, [outputs]);
      return (x) => addBias(convolution(x, weights, { ...layer, input, convolved: output }), bias);
    }
    case 'maxPool':
      return (x) => maxPool(x, input, output, layer.size, layer.stride);
    case 'batchNorm': {
      const vector = (part: string) => values(`${layer.name}.${part}`, [layer.channels]);
      const norm = {
        weight: vector('weight'),
        bias: vector('bias'),
        mean: vector('running_mean'),
        variance: vector('running_var'),
        epsilon: layer.epsilon,
      };
      return (x) => batchNorm(x, norm);
    }
    case 'relu':
      return relu;
    case 'flatten':
      return (x) => x;
    default:
      return unreachable(layer);
  }
}
