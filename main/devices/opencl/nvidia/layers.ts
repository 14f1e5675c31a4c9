/** Which kernel of kernels/nvidia takes a layer, with which constants and weights. */
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import { type IntegerLayer, roundUp } from '../integer/layers';
import {
  activationBytes,
  packBytes,
  packConvolution,
  packLast,
  packLinear,
  packScales,
  QUAD_CHANNELS,
  quads,
  warpgroupOutput,
} from './layout';

/** Local memory that a work-group may have without asking. */
const LOCAL_BYTES = 48 * 1024;
const MAX_PLANES = 4;
/** Steps whose weights warpgroup.cl can hold in registers. */
const WARPGROUP_STEPS = 9;

/** The matrix instruction of convolutions; the other layers always take mma.sync. */
export type Instruction = 'mma.sync' | 'wgmma';

/** A layer's part of the program, and what it reads and writes. */
export interface LayerCode {
  name: string;
  /** Files in kernels/nvidia, in order. */
  files: string[];
  constants: Record<string, number>;
  /** Read-only operands, in the order of the kernel's parameters. */
  operands: { type: 'char' | 'float' | 'int2' | 'uint4'; bytes: Uint8Array }[];
  /** Of one image. */
  outputBytes: number;
  hasLocalMemory: boolean;
}

/** Why these kernels cannot run the layers; null where they can. */
export function layersRefusal(layers: readonly IntegerLayer[], bits: number): string | null {
  if (bits > MAX_PLANES) return `the kernels for NVIDIA take activations of up to ${MAX_PLANES} bits`;
  for (const layer of layers) {
    const { name, pool, stride, signed } = layer;
    if (pool && (pool.size !== 2 || pool.stride !== 2)) return `${name} has a pool that is not 2 x 2`;
    if (coversInput(layer)) {
      if (signed && layer.input.channels > 32) return `${name} has too many input channels`;
    } else if (signed) {
      if (firstLocalBytes(layer, bits) > LOCAL_BYTES) return `${name} has windows of too many bytes`;
    } else {
      if (stride !== 1) return `${name} has a stride`;
      if (convolutionLocalBytes(layer, bits, 1) > LOCAL_BYTES) return `${name} has too large a kernel`;
    }
  }
  return null;
}

export function layerCode(layer: IntegerLayer, bits: number, instruction: Instruction): LayerCode {
  const outputs = roundUp(layer.output.channels, QUAD_CHANNELS);
  const scales = { type: 'int2', bytes: packScales(layer, outputs) } as const;
  const common = {
    name: layer.name,
    outputBytes: activationBytes(layer.output, bits),
    hasLocalMemory: true,
  };
  const constants = {
    OUT_CHUNKS: outputs / QUAD_CHANNELS,
    SHIFT: layer.requantization.shift,
    CHANNELS: layer.input.channels,
  };
  if (coversInput(layer)) {
    const inputs = elements(layer.input);
    const sizes = { SIGNED: layer.signed ? 1 : 0, INPUTS: inputs, QUADS: inputQuads(layer) };
    const weights = layer.signed
      ? packBytes(layer, outputs, Math.ceil(inputs / 64) * 2)
      : packLinear(layer, outputs);
    return {
      ...common,
      files: ['linear.cl'],
      constants: { ...constants, ...sizes },
      operands: [{ type: 'uint4', bytes: weights }, scales],
    };
  }
  const geometry = {
    ...constants,
    HEIGHT: layer.input.height,
    WIDTH: layer.input.width,
    KERNEL_HEIGHT: layer.kernelHeight,
    KERNEL_WIDTH: layer.kernelWidth,
    STRIDE: layer.stride,
    PADDING: layer.padding,
    POOL: layer.pool ? 2 : 1,
    CONVOLVED_HEIGHT: layer.convolved.height,
    CONVOLVED_WIDTH: layer.convolved.width,
    OUT_HEIGHT: layer.output.height,
    OUT_WIDTH: layer.output.width,
  };
  if (layer.signed) {
    const weights = packBytes(layer, outputs, Math.ceil(windowBytes(layer) / 32));
    return {
      ...common,
      files: ['tile.cl', 'first.cl'],
      constants: geometry,
      operands: [{ type: 'uint4', bytes: weights }, scales],
    };
  }
  const chunks = quads(layer.input.channels);
  const inPairs = chunks % 2 === 0 && convolutionLocalBytes(layer, bits, 2) <= LOCAL_BYTES;
  const stageChunks = inPairs ? 2 : 1;
  const steps = Math.ceil((layer.kernelHeight * layer.kernelWidth * stageChunks) / 2);
  const asGroup = instruction === 'wgmma' && steps <= WARPGROUP_STEPS;
  const weights = packConvolution(layer, outputs, stageChunks, asGroup ? warpgroupOutput : undefined);
  return {
    ...common,
    files: ['tile.cl', 'patch.cl', asGroup ? 'warpgroup.cl' : 'convolution.cl'],
    constants: { ...geometry, CHUNKS: chunks, STAGE_CHUNKS: stageChunks },
    operands: [{ type: 'uint4', bytes: weights }, scales],
  };
}

export function lastLayerCode(plan: IntegerPlan, before: IntegerLayer): LayerCode {
  const { channels, height, width } = before.output;
  const bias = plan.last.bias;
  return {
    name: plan.last.name,
    files: ['last.cl'],
    constants: { CLASSES: plan.last.classes, QUADS: height * width * quads(channels) },
    operands: [
      { type: 'float', bytes: packLast(plan.last, before.output) },
      { type: 'float', bytes: new Uint8Array(bias.buffer, bias.byteOffset, bias.byteLength) },
    ],
    outputBytes: plan.last.classes * Float32Array.BYTES_PER_ELEMENT,
    hasLocalMemory: false,
  };
}

/** A linear layer, or a convolution with one position. */
function coversInput({ input, convolved, kernelHeight, kernelWidth, padding, pool }: IntegerLayer): boolean {
  const whole = kernelHeight === input.height && kernelWidth === input.width && padding === 0;
  return whole && convolved.height === 1 && convolved.width === 1 && !pool;
}

function inputQuads({ input }: IntegerLayer): number {
  return input.height * input.width * quads(input.channels);
}

function windowBytes({ kernelHeight, kernelWidth, input }: IntegerLayer): number {
  return kernelHeight * kernelWidth * input.channels;
}

/** As first.cl sums it up. */
function firstLocalBytes(layer: IntegerLayer, planes: number): number {
  const { input, kernelHeight, kernelWidth, stride } = layer;
  const patch = (7 * stride + kernelHeight) * (7 * stride + kernelWidth) * input.channels;
  return input.channels * 256 + 64 * roundUp(windowBytes(layer), 32) + roundUp(patch, 16) + 512 * planes;
}

/** As convolution.cl sums it up. */
function convolutionLocalBytes(layer: IntegerLayer, planes: number, stageChunks: number): number {
  const positions = (7 + layer.kernelHeight) * (7 + layer.kernelWidth);
  const stage = stageChunks * planes * (positions | 1) * 16;
  return 2 * stage + roundUp(positions, 4) * 4 + 256 + 512 * planes;
}
