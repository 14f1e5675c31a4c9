/**
 * How the layers of a network are spread over an FPGA. Each multiplication layer is a kernel of its own that
 * computes a part of it in a cycle, as the matrix-vector unit of FINN does (Umuroglu et al., FPGA 2017, arXiv
 * 1612.07119, section 4.3): `pe` outputs times `simd` of the inputs of a window. What is left is folded into time.
 *
 *   cycles for an image = output pixels x outputs / pe x window / simd      window = input channels x taps
 *
 * The outputs of a pixel come in the order of their channels, `pe` at a time. The inputs of a window come tap by
 * tap (row by row), the channels of a tap in their order, `simd` at a time.
 */
import { WorkbenchError } from '../errors';
import { layerShapes } from '../network/shapes';
import type { Topology } from '../network/topology';

const WIDEST_LANE = 64;
const REAL_WEIGHT_BYTES = 4;
/** Words that a channel may hold; AMD's pipes hold no more (UG1393, xcl_reqd_pipe_depth). */
export const DEEPEST_CHANNEL = 32_768;

export interface LayerFolding {
  /** Of the linear or convolution layer. */
  name: string;
  /** Outputs a cycle. Divides the layer's outputs. */
  pe: number;
  /** Inputs of a window a cycle. Divides the input channels, or is whole taps: channels times a divisor of the taps. */
  simd: number;
  /** Words that the channel behind the layer holds; a word is the layer's `pe` outputs. */
  channelDepth: number;
  /**
   * `streamed`: the weights are read from the board's memory for each pixel, where the chip has no room for them.
   * Left out, they lie on the chip.
   */
  weights?: 'streamed' | undefined;
}

/** One entry for each linear and convolution layer, in their order, the last layer included. */
export interface Folding {
  layers: LayerFolding[];
}

/** What of a linear or convolution layer decides its cycles and its area. */
export interface LayerGeometry {
  name: string;
  kind: 'linear' | 'convolution';
  /** Channels of one input pixel; all inputs of a linear layer. */
  channels: number;
  /** Kernel positions: height x width; 1 for a linear layer. */
  taps: number;
  kernelWidth: number;
  kernelHeight: number;
  padding: number;
  stride: number;
  /** Side lengths of the input; 1 x 1 for a linear layer. */
  inputHeight: number;
  inputWidth: number;
  outputs: number;
  /** Output positions, before a pool. */
  pixels: number;
  outputWidth: number;
  /** Side of a square max pool with that stride right behind the layer; null without one. */
  pool: number | null;
  /** Weights are +1 or -1. */
  binary: boolean;
}

/** The linear and convolution layers of a network. @throws WorkbenchError `refused-file` as {@link layerShapes} */
export function layerGeometries(topology: Topology): LayerGeometry[] {
  const shapes = layerShapes(topology);
  return topology.layers.flatMap((layer, index): LayerGeometry[] => {
    if (layer.kind !== 'linear' && layer.kind !== 'convolution') return [];
    const input = shapes[index - 1] ?? topology.input;
    const output = shapes[index]!;
    const next = topology.layers[index + 1];
    const kernel =
      layer.kind === 'convolution' ? layer : { kernelHeight: 1, kernelWidth: 1, padding: 0, stride: 1 };
    const { kernelHeight, kernelWidth, padding, stride } = kernel;
    return [
      {
        name: layer.name,
        kind: layer.kind,
        channels: layer.inputs,
        taps: kernelHeight * kernelWidth,
        kernelHeight,
        kernelWidth,
        padding,
        stride,
        inputHeight: input.height,
        inputWidth: input.width,
        outputs: layer.outputs,
        pixels: output.height * output.width,
        outputWidth: output.width,
        pool: next?.kind === 'maxPool' ? next.size : null,
        binary: layer.binary,
      },
    ];
  });
}

/** Inputs of one output. */
export function windowSize(layer: LayerGeometry): number {
  return layer.channels * layer.taps;
}

/**
 * Bytes a cycle that the loader gives: whole pixels to a convolution. To a linear layer, what an image needs to be
 * there when the layer has computed the one before, and no more: each byte a cycle costs a table. The words wait in
 * the channel, which must hold an image of them.
 */
export function loaderWidth(first: LayerGeometry, folding: LayerFolding): number {
  return first.kind === 'linear' ? vectorLoaderWidth(first.channels, first.outputs, folding) : first.channels;
}

/** As {@link loaderWidth}, of a layer that takes the whole image as a vector. */
export function vectorLoaderWidth(
  inputs: number,
  outputs: number,
  { pe, simd, channelDepth }: LayerFolding,
): number {
  if (channelDepth < inputs / simd) return simd;
  return divisors(simd).find((width) => width * outputs >= pe * simd) ?? simd;
}

/** Activations that lie in one lane of a word of weights; as main/devices/opencl/fpga/design.ts divides them. */
export function laneOfLayer(layer: LayerGeometry, { simd }: Pick<LayerFolding, 'simd'>): number {
  const together = layer.kind === 'linear' ? simd : greatestCommonDivisor(layer.channels, simd);
  for (let lane = Math.min(together, WIDEST_LANE); ; lane--) if (together % lane === 0) return lane;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Bytes of weights that an image draws from the board's memory: all of the layer for each output pixel. */
export function streamedBytes(layer: LayerGeometry, folding: LayerFolding): number {
  if (folding.weights !== 'streamed') return 0;
  const weights = layer.outputs * windowSize(layer);
  if (!layer.binary) return layer.pixels * weights * REAL_WEIGHT_BYTES;
  const lane = laneOfLayer(layer, folding);
  return (layer.pixels * weights * laneBytes(lane)) / lane;
}

/** Of the type that holds a lane. */
function laneBytes(lane: number): number {
  return lane <= 8 ? 1 : lane <= 16 ? 2 : lane <= 32 ? 4 : 8;
}

/** Cycles in which a layer computes one image, when nothing holds it up. */
export function layerCycles(layer: LayerGeometry, { pe, simd }: Pick<LayerFolding, 'pe' | 'simd'>): number {
  return layer.pixels * Math.ceil(layer.outputs / pe) * Math.ceil(windowSize(layer) / simd);
}

/** Values of `pe` that a layer can have, ascending. */
export function possiblePe(layer: LayerGeometry): number[] {
  return divisors(layer.outputs);
}

/** Values of `simd` that a layer can have, ascending. */
export function possibleSimd(layer: LayerGeometry): number[] {
  const wholeTaps = divisors(layer.taps).map((taps) => taps * layer.channels);
  return [...new Set([...divisors(layer.channels), ...wholeTaps])].sort((a, b) => a - b);
}

/**
 * Pairs each layer with its folding.
 * @throws WorkbenchError `usage` where the folding is not one of this network
 */
export function foldedLayers(
  layers: readonly LayerGeometry[],
  folding: Folding,
): { layer: LayerGeometry; folding: LayerFolding }[] {
  if (layers.length !== folding.layers.length) {
    throw refused(`The folding has ${folding.layers.length} layers, the network ${layers.length}`, null);
  }
  return layers.map((layer, index) => {
    const entry = folding.layers[index]!;
    const { name, pe, simd, channelDepth } = entry;
    if (name !== layer.name) throw refused(`Layer ${index + 1} is ${layer.name}, not ${name}`, layer.name);
    if (!possiblePe(layer).includes(pe)) {
      throw refused(`${name} cannot compute ${pe} outputs a cycle`, name, possiblePe(layer));
    }
    if (!possibleSimd(layer).includes(simd)) {
      throw refused(`${name} cannot take ${simd} inputs a cycle`, name, possibleSimd(layer));
    }
    if (!Number.isInteger(channelDepth) || channelDepth < 1 || channelDepth > DEEPEST_CHANNEL) {
      throw new WorkbenchError('usage', `The channel behind ${name} has the depth ${channelDepth}`, {
        where: name,
        remedy: `Possible are 1 to ${DEEPEST_CHANNEL} words.`,
      });
    }
    return { layer, folding: entry };
  });
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

function refused(message: string, where: string | null, possible?: number[]): WorkbenchError {
  return new WorkbenchError('usage', message, {
    where,
    remedy: possible ? `Possible are ${possible.join(', ')}.` : 'Give a folding of this network.',
  });
}
