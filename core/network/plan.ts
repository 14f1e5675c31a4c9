/**
 * A network lowered for a device: fused steps in the order in which they run. One step is one
 * multiplication by weights with all that follows it up to the next one:
 *
 *   linear:       y = relu?( scale[c] * (W x) + shift[c] )
 *   convolution:  y = relu?( scale[c] * maxPool?( W * x ) + shift[c] )
 *
 * Bias and batch norm are folded into scale and shift (double precision, then rounded to float). The max
 * pool stands before scale and shift, as in the networks of the paper: scale may be negative, so the two do
 * not commute. Where a network pools after its batch norm or ReLU, the pool is a step of its own.
 */
import type { Tensor } from './model';
import type { Normalization, Shape } from './topology';

export interface LinearStep {
  kind: 'linear';
  name: string;
  inputs: number;
  outputs: number;
  /** [outputs][inputs] */
  weights: Tensor;
  /** [outputs] */
  scale: Float32Array;
  /** [outputs] */
  shift: Float32Array;
  relu: boolean;
}

export interface ConvolutionStep {
  kind: 'convolution';
  name: string;
  input: Shape;
  /** Before the pool. */
  convolved: Shape;
  /** After the pool. */
  output: Shape;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padding: number;
  /** [outputs][inputs][kernelHeight][kernelWidth] */
  weights: Tensor;
  /** Maximum over size x size windows, `stride` apart, before scale and shift. */
  pool: { size: number; stride: number } | null;
  /** [outputs] */
  scale: Float32Array;
  /** [outputs] */
  shift: Float32Array;
  relu: boolean;
}

/** A pool that could not be fused: it follows a ReLU or batch norm, or starts the network. */
export interface PoolStep {
  kind: 'pool';
  name: string;
  input: Shape;
  output: Shape;
  size: number;
  stride: number;
}

/** Batch norm or ReLU that follows no multiplication: y = relu?( scale[c] * x + shift[c] ). */
export interface AffineStep {
  kind: 'affine';
  name: string;
  input: Shape;
  scale: Float32Array;
  shift: Float32Array;
  relu: boolean;
}

export type Step = LinearStep | ConvolutionStep | PoolStep | AffineStep;

export interface Plan {
  input: Shape;
  normalization: Normalization;
  classes: number;
  steps: Step[];
}
