/** Weights in the order in which kernels/portable/tile.cl reads them. */
import type { BinaryTensor, RealTensor } from '../../../../core/network/model';
import type { ConvolutionStep, LinearStep } from '../../../../core/network/plan';

/** A run is what a kernel reads of the activations in one stretch; each weight row is `runs` x `runLength`. */
export interface WeightRuns {
  outputs: number;
  runs: number;
  runLength: number;
  /** Where weight k of run r lies in a row of the model's tensor: entry r * runLength + k. */
  source: Uint32Array;
}

export function weightRuns(step: LinearStep | ConvolutionStep): WeightRuns {
  if (step.kind === 'linear') {
    const source = Uint32Array.from({ length: step.inputs }, (_, i) => i);
    return { outputs: step.outputs, runs: 1, runLength: step.inputs, source };
  }
  const { kernelHeight, kernelWidth } = step;
  const { channels } = step.input;
  const source = new Uint32Array(kernelHeight * kernelWidth * channels);
  for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
    for (let c = 0; c < channels; c++) source[tap * channels + c] = c * kernelHeight * kernelWidth + tap;
  }
  return { outputs: step.output.channels, runs: kernelHeight, runLength: kernelWidth * channels, source };
}

/** [output groups][runs][runLength][group]; outputs behind the last are 0. */
export function packRealWeights(tensor: RealTensor, runs: WeightRuns, group: number): Float32Array {
  const { outputs, source } = runs;
  const rows = source.length;
  const packed = new Float32Array(Math.ceil(outputs / group) * rows * group);
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / group) * rows * group + (o % group);
    for (let k = 0; k < rows; k++) packed[first + k * group] = tensor.data[o * rows + source[k]!]!;
  }
  return packed;
}

/**
 * [output groups][runs][runLength / 32, rounded up][group]: bit 31 - k % 32 of word k / 32 is set where weight k
 * of the run is -1.
 */
export function packBinaryWeights(tensor: BinaryTensor, runs: WeightRuns, group: number): Uint32Array {
  const { outputs, source, runLength } = runs;
  const words = Math.ceil(runLength / 32);
  const groupWords = runs.runs * words * group;
  const packed = new Uint32Array(Math.ceil(outputs / group) * groupWords);
  const rowBytes = Math.ceil(source.length / 8);
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / group) * groupWords + (o % group);
    for (let i = 0; i < source.length; i++) {
      const bit = source[i]!;
      const plus = (tensor.bits[o * rowBytes + (bit >> 3)]! >> (bit & 7)) & 1;
      if (plus) continue;
      const k = i % runLength;
      const word = Math.floor(i / runLength) * words + (k >> 5);
      packed[first + word * group]! |= 1 << (31 - (k & 31));
    }
  }
  return packed;
}
