/**
 * From a trained model to the fused steps of plan.ts. Folding (in double precision, rounded once):
 *
 *   batchNorm(W x + bias) = scale * (W x) + shift
 *   scale = weight / sqrt(variance + epsilon),  shift = (bias - mean) * scale + beta
 *
 * Behind a convolution a max pool may stand before the batch norm; the bias, equal over the window, then
 * commutes with it.
 */
import { unreachable, WorkbenchError } from '../errors';
import { realValues } from './binaryWeights';
import type { Model, Tensor } from './model';
import type { AffineStep, Plan, Step } from './plan';
import { layerName, layerShapes } from './shapes';
import type { BatchNormLayer, Layer, Shape } from './topology';

/**
 * @throws WorkbenchError `refused-file` where the layers or tensors do not fit each other, or a folded number
 *   is not finite
 */
export function lower(model: Model): Plan {
  const { input, normalization, classes } = model.topology;
  requireNormalization(model);
  const chain = new LayerChain(model);
  const steps: Step[] = [];
  while (!chain.atEnd()) {
    const step = nextStep(chain);
    if (step) steps.push(step);
  }
  return { input, normalization, classes, steps };
}

/**
 * A tensor of the model with the shape that its layer asks for.
 * @throws WorkbenchError `refused-file`
 */
export function readTensor(model: Model, name: string, shape: number[]): Tensor {
  const tensor = model.tensors.get(name);
  if (!tensor) throw refused(model, `the tensor ${name} is missing`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw refused(model, `${name} has the shape [${tensor.shape}], where the network needs [${shape}]`);
  }
  return tensor;
}

/** The layers of a model, taken from the front. */
class LayerChain {
  private index = 0;
  private readonly shapes: Shape[];

  constructor(readonly model: Model) {
    this.shapes = layerShapes(model.topology);
  }

  atEnd(): boolean {
    return this.index === this.model.topology.layers.length;
  }

  /** The shape behind the layers taken so far. */
  get shape(): Shape {
    return this.shapes[this.index - 1] ?? this.model.topology.input;
  }

  /** Name of the next layer. */
  get name(): string {
    return layerName(this.model.topology.layers[this.index]!, this.index);
  }

  take(): Layer {
    return this.model.topology.layers[this.index++]!;
  }

  /** Takes the next layer if it is of this kind. */
  takeIf<K extends Layer['kind']>(kind: K): Extract<Layer, { kind: K }> | null {
    const layer = this.model.topology.layers[this.index];
    if (!isKind(layer, kind)) return null;
    this.index++;
    return layer;
  }
}

function isKind<K extends Layer['kind']>(
  layer: Layer | undefined,
  kind: K,
): layer is Extract<Layer, { kind: K }> {
  return layer?.kind === kind;
}

/** Takes the layers of one step; null for a flatten, which moves nothing. */
function nextStep(chain: LayerChain): Step | null {
  const { model, name, shape: input } = chain;
  const layer = chain.take();
  switch (layer.kind) {
    case 'linear': {
      const { inputs, outputs } = layer;
      const weights = readTensor(model, `${name}.weight`, [outputs, inputs]);
      return { kind: 'linear', name, inputs, outputs, weights, ...takeAffine(chain, readBias(model, layer)) };
    }
    case 'convolution': {
      const { inputs, outputs, kernelHeight, kernelWidth, stride, padding } = layer;
      const weights = readTensor(model, `${name}.weight`, [outputs, inputs, kernelHeight, kernelWidth]);
      const convolved = chain.shape;
      const maxPool = chain.takeIf('maxPool');
      return {
        kind: 'convolution',
        name,
        input,
        convolved,
        output: chain.shape,
        kernelHeight,
        kernelWidth,
        stride,
        padding,
        weights,
        pool: maxPool && { size: maxPool.size, stride: maxPool.stride },
        ...takeAffine(chain, readBias(model, layer)),
      };
    }
    case 'maxPool':
      return { kind: 'pool', name, input, output: chain.shape, size: layer.size, stride: layer.stride };
    case 'batchNorm': {
      const folded = foldBatchNorm(model, layer, new Float32Array(layer.channels));
      return { kind: 'affine', name, input, ...folded, relu: chain.takeIf('relu') !== null };
    }
    case 'relu': {
      const scale = new Float32Array(input.channels).fill(1);
      return { kind: 'affine', name, input, scale, shift: new Float32Array(input.channels), relu: true };
    }
    case 'flatten':
      return null;
    default:
      return unreachable(layer);
  }
}

/** Takes the batch norm and ReLU that follow a multiplication, with its bias. */
function takeAffine(chain: LayerChain, bias: Float32Array): Pick<AffineStep, 'scale' | 'shift' | 'relu'> {
  const layer = chain.takeIf('batchNorm');
  const folded = layer
    ? foldBatchNorm(chain.model, layer, bias)
    : { scale: new Float32Array(bias.length).fill(1), shift: bias };
  return { ...folded, relu: chain.takeIf('relu') !== null };
}

function foldBatchNorm(model: Model, layer: BatchNormLayer, bias: Float32Array) {
  const vector = (part: string) => realValues(readTensor(model, `${layer.name}.${part}`, [layer.channels]));
  const [weight, beta, mean, variance] = [
    vector('weight'),
    vector('bias'),
    vector('running_mean'),
    vector('running_var'),
  ];
  const scale = Float64Array.from(weight, (w, c) => w / Math.sqrt(variance[c]! + layer.epsilon));
  const shift = Float64Array.from(scale, (s, c) => (bias[c]! - mean[c]!) * s + beta[c]!);
  const folded = { scale: Float32Array.from(scale), shift: Float32Array.from(shift) };
  for (const values of [folded.scale, folded.shift]) {
    const channel = values.findIndex((value) => !Number.isFinite(value));
    if (channel >= 0) throw refused(model, `channel ${channel} of batch norm ${layer.name} is not finite`);
  }
  return folded;
}

function readBias(model: Model, layer: { name: string; outputs: number }): Float32Array {
  return realValues(readTensor(model, `${layer.name}.bias`, [layer.outputs]));
}

function requireNormalization({ topology: { input, normalization }, ...model }: Model): void {
  const { mean, deviation } = normalization;
  const complete = mean.length === input.channels && deviation.length === input.channels;
  if (!complete || ![...mean, ...deviation].every(Number.isFinite) || deviation.includes(0)) {
    throw refused(
      model,
      `the normalization needs a mean and a deviation other than 0 for each of ${input.channels} channels`,
    );
  }
}

function refused(model: { id: string }, message: string): WorkbenchError {
  return new WorkbenchError('refused-file', message, {
    where: model.id,
    remedy: 'Import the model again, or correct the description of its network.',
  });
}
