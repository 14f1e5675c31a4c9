/**
 * Networks and foldings of published FPGA designs, as data: Xilinx/BNN-PYNQ (bnn/src/network/NAME/hw/config.h) and
 * FINN (Umuroglu et al., FPGA 2017, arXiv 1612.07119).
 */
import type { Folding } from '../../../core/fpga/folding';
import type { Layer, Topology } from '../../../core/network/topology';

type Fold = [pe: number, simd: number];

/** CNV: 32 x 32 x 3, two convolutions of 64, two of 128, two of 256 without padding, pools behind 2 and 4. */
export const CNV: Topology = {
  id: 'cnv',
  input: { channels: 3, height: 32, width: 32 },
  normalization: { mean: [0, 0, 0], deviation: [1, 1, 1] },
  classes: 64,
  layers: [
    ...convolutions(0, 3, 64, 64),
    { kind: 'maxPool', size: 2, stride: 2 },
    ...convolutions(2, 64, 128, 128),
    { kind: 'maxPool', size: 2, stride: 2 },
    ...convolutions(4, 128, 256, 256),
    { kind: 'flatten' },
    ...linear(6, 256, 512, 512, 64),
  ],
};

/** Four fully connected layers; the 784 pixels are padded to 832, the ten classes to 64 outputs. */
export const LFC = fullyConnected('lfc', 1024);
export const SFC = fullyConnected('sfc', 256);

export const CNV_W1A1 = folding(CNV, [
  [16, 3],
  [32, 32],
  [16, 32],
  [16, 32],
  [4, 32],
  [1, 32],
  [1, 4],
  [1, 8],
  [4, 1],
]);
export const CNV_W2A2 = folding(CNV, [
  [8, 3],
  [16, 16],
  [8, 16],
  [8, 16],
  [4, 8],
  [1, 8],
  [1, 2],
  [2, 2],
  [4, 1],
]);
export const LFC_W1A1 = folding(LFC, [
  [32, 64],
  [64, 32],
  [32, 64],
  [16, 8],
]);

/**
 * The paper gives no foldings of SFC-max. These take 64 input bits a cycle, the width of the input word, and the
 * powers of two that give the published interval: 16 cycles.
 */
export const SFC_MAX = folding(SFC, [
  [256, 64],
  [64, 64],
  [64, 64],
  [16, 64],
]);

function convolutions(first: number, ...widths: number[]): Layer[] {
  return widths.slice(1).map((outputs, i) => ({
    kind: 'convolution',
    name: `conv${first + i}`,
    inputs: widths[i]!,
    outputs,
    kernelHeight: 3,
    kernelWidth: 3,
    stride: 1,
    padding: 0,
    binary: true,
  }));
}

function linear(first: number, ...widths: number[]): Layer[] {
  return widths.slice(1).map((outputs, i) => ({
    kind: 'linear',
    name: `fc${first + i}`,
    inputs: widths[i]!,
    outputs,
    binary: true,
  }));
}

function fullyConnected(id: string, width: number): Topology {
  return {
    id,
    input: { channels: 832, height: 1, width: 1 },
    normalization: { mean: [0], deviation: [1] },
    classes: 64,
    layers: linear(0, 832, width, width, width, 64),
  };
}

function folding(topology: Topology, folds: Fold[]): Folding {
  const layers = topology.layers.filter(({ kind }) => kind === 'linear' || kind === 'convolution');
  return {
    layers: folds.map(([pe, simd], i) => {
      const layer = layers[i];
      if (layer === undefined || !('name' in layer)) throw new Error(`no layer ${i}`);
      return { name: layer.name, pe, simd, channelDepth: 64 };
    }),
  };
}
