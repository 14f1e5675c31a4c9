/**
 * What a network is: a chain of layers, without its numbers. Shapes are those of one image; a batch adds
 * a leading dimension. Activations are channels x height x width; a flat vector is channels x 1 x 1.
 */

/** How a binarized model was trained. Inference uses sign(w) for both binarized modes. */
export const MODES = ['none', 'deterministic', 'stochastic'] as const;
export type Mode = (typeof MODES)[number];

export interface Shape {
  channels: number;
  height: number;
  width: number;
}

/** Weights [outputs][inputs], bias [outputs]. Tensors `NAME.weight`, `NAME.bias`. */
export interface LinearLayer {
  kind: 'linear';
  name: string;
  inputs: number;
  outputs: number;
  /** Weights are +1 or -1. */
  binary: boolean;
}

/** Weights [outputs][inputs][kernelHeight][kernelWidth], bias [outputs]; zero padding on all four sides. */
export interface ConvolutionLayer {
  kind: 'convolution';
  name: string;
  inputs: number;
  outputs: number;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padding: number;
  /** Weights are +1 or -1. */
  binary: boolean;
}

export interface MaxPoolLayer {
  kind: 'maxPool';
  size: number;
  stride: number;
}

/** Tensors `NAME.weight`, `NAME.bias`, `NAME.running_mean`, `NAME.running_var`, each [channels]. */
export interface BatchNormLayer {
  kind: 'batchNorm';
  name: string;
  channels: number;
  epsilon: number;
}

export interface ReluLayer {
  kind: 'relu';
}

/** Channels x height x width become one vector, in that order. */
export interface FlattenLayer {
  kind: 'flatten';
}

export type Layer = LinearLayer | ConvolutionLayer | MaxPoolLayer | BatchNormLayer | ReluLayer | FlattenLayer;

/** Raw bytes become (byte / 255 - mean[c]) / deviation[c]. */
export interface Normalization {
  mean: number[];
  deviation: number[];
}

export interface Topology {
  /** `mnist-784-1000-500-10`, `cifar10-vgg`, or the id given by a user's description. */
  id: string;
  input: Shape;
  normalization: Normalization;
  classes: number;
  layers: Layer[];
}
