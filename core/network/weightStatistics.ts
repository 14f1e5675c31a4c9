/** What the numbers of a trained network look like, layer by layer: for a look inside, not for arithmetic. */
import { lower } from './lowering';
import type { Model, Tensor } from './model';
import type { ConvolutionStep, LinearStep } from './plan';

/** Equal bins from low to high; the last one holds `high` too. */
export interface Histogram {
  low: number;
  high: number;
  counts: number[];
}

/** The weights of one linear or convolution layer. */
export type WeightStatistics =
  | { kind: 'binary'; count: number; plusOnes: number }
  | {
      kind: 'real';
      count: number;
      mean: number;
      deviation: number;
      /** Exactly 0. */
      zeros: number;
      histogram: Histogram;
    };

export interface LayerStatistics {
  /** The layer's name in the model's tensors. */
  name: string;
  weights: WeightStatistics;
  /**
   * For each output channel the sum of its window at which the activation behind batch norm and ReLU begins:
   * -shift / scale. Null for a layer without a ReLU, and channels whose scale is 0 are left out.
   */
  thresholds: Histogram | null;
}

const BINS = 48;

/** @throws WorkbenchError `refused-file` where layers and tensors do not fit each other */
export function weightStatistics(model: Model): LayerStatistics[] {
  return lower(model).steps.flatMap((step) =>
    step.kind === 'linear' || step.kind === 'convolution'
      ? [{ name: step.name, weights: statisticsOf(step.weights), thresholds: thresholdsOf(step) }]
      : [],
  );
}

export function histogramOf(values: ArrayLike<number>): Histogram {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const counts = new Array<number>(BINS).fill(0);
  if (values.length === 0) return { low: 0, high: 0, counts };
  const width = (high - low) / BINS;
  for (let i = 0; i < values.length; i++) {
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor((values[i]! - low) / width)) : 0;
    counts[bin]!++;
  }
  return { low, high, counts };
}

function statisticsOf(tensor: Tensor): WeightStatistics {
  if (tensor.kind === 'binary') {
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    // Unused bits are 0, so that they count as no weight.
    let plusOnes = 0;
    for (let byte of tensor.bits) for (; byte !== 0; byte &= byte - 1) plusOnes++;
    return { kind: 'binary', count, plusOnes };
  }
  const { data } = tensor;
  let sum = 0;
  let squares = 0;
  let zeros = 0;
  for (const value of data) {
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
  }
  const mean = sum / data.length;
  const deviation = Math.sqrt(Math.max(0, squares / data.length - mean * mean));
  return { kind: 'real', count: data.length, mean, deviation, zeros, histogram: histogramOf(data) };
}

function thresholdsOf({ relu, scale, shift }: LinearStep | ConvolutionStep): Histogram | null {
  if (!relu) return null;
  const thresholds: number[] = [];
  scale.forEach((factor, channel) => {
    if (factor !== 0) thresholds.push(-shift[channel]! / factor);
  });
  return histogramOf(thresholds);
}
