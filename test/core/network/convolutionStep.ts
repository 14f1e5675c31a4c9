import type { ConvolutionStep } from '../../../core/network/plan';

/** A square convolution without a pool, whose numbers do not matter: all 0. */
export function convolutionStep(sizes: {
  channels: number;
  size: number;
  outputs: number;
  kernel: number;
  padding: number;
}): ConvolutionStep {
  const { channels, size, outputs, kernel, padding } = sizes;
  const convolved = size + 2 * padding - kernel + 1;
  const output = { channels: outputs, height: convolved, width: convolved };
  const shape = [outputs, channels, kernel, kernel];
  return {
    ...{ kind: 'convolution', name: 'convolution', input: { channels, height: size, width: size } },
    ...{
      convolved: output,
      output,
      kernelHeight: kernel,
      kernelWidth: kernel,
      stride: 1,
      padding,
      pool: null,
    },
    weights: { kind: 'real', shape, data: new Float32Array(outputs * channels * kernel * kernel) },
    ...{ scale: new Float32Array(outputs), shift: new Float32Array(outputs), relu: false },
  };
}
