/** Which kernel of kernels/nvidia takes a layer, with which constants and weights. */
import { INPUT_LIMIT, type IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import { type IntegerLayer, overPatches, roundUp } from '../integer/layers';
import { type Instruction, LOCAL_BYTES } from './architecture';
import {
  type Placement,
  packBytes,
  packCells,
  packConvolution,
  packLast,
  packLinear,
  packScales,
  QUAD_CHANNELS,
  quads,
  vectorQuads,
  warpgroupOutput,
} from './layout';

/** Planes that convolution.cl has sums for. */
const CONVOLUTION_PLANES = 4;
/** Planes of the raw bytes that bytes.cl makes. */
const BYTE_PLANES = 8;
/** Steps whose weights warpgroup.cl holds in registers. */
const WARPGROUP_STEPS = 18;
/** Matrices of weights that cells.cl holds in registers. */
const CELL_WEIGHTS = 8;
/** Images that warpgroup.cl takes of a vector at once. */
const VECTOR_IMAGES = 64;
/** Images from which on last.cl takes all classes at once. */
const MANY_IMAGES = 2048;

/** What a network is built for. */
export interface Target {
  bits: number;
  /** Of convolutions; linear layers of few images always take mma.sync. */
  instruction: Instruction;
  batchSize: number;
  computeUnits: number;
}

/** A layer's part of the program, and what it reads and writes. */
export interface LayerCode {
  name: string;
  /** Files in kernels/nvidia, in order. */
  files: string[];
  constants: Record<string, number>;
  /** Read-only operands, in the order of the kernel's parameters. */
  operands: { type: 'char' | 'float' | 'int2' | 'uint4'; bytes: Uint8Array }[];
  /** Null where it reads the images, by the table of their bytes. */
  input: Placement | null;
  /** Whether it reads the sums of its input. */
  readsSums: boolean;
  /** Null where it writes the logits. */
  output: Placement | null;
}

/** Why these kernels cannot run the layers; null where they can. */
export function layersRefusal(layers: readonly IntegerLayer[], target: Target): string | null {
  for (const layer of layers) {
    const { name, pool } = layer;
    if (pool && (pool.size !== 2 || pool.stride !== 2)) return `${name} has a pool that is not 2 x 2`;
    const refusal = layer.signed ? firstRefusal(layer, target) : laterRefusal(layer, target);
    if (refusal !== null) return refusal;
  }
  return null;
}

function firstRefusal(layer: IntegerLayer, { bits }: Target): string | null {
  const { name, input } = layer;
  if (coversInput(layer)) return input.channels > 32 ? `${name} has too many input channels` : null;
  return firstLocalBytes(layer, bits) > LOCAL_BYTES ? `${name} has windows of too many bytes` : null;
}

function laterRefusal(layer: IntegerLayer, { bits, instruction }: Target): string | null {
  const { name, stride } = layer;
  if (coversInput(layer)) return null;
  if (stride !== 1) return `${name} has a stride`;
  if (instruction === 'wgmma' && fitsWarpgroup(layer, bits, bits)) return null;
  if (bits > CONVOLUTION_PLANES) return `${name} would need sums of more than ${CONVOLUTION_PLANES} planes`;
  return convolutionLocalBytes(layer, bits) > LOCAL_BYTES ? `${name} has too large a kernel` : null;
}

/** The network in order; each layer writes what the next one wants to read. */
export function networkCode(plan: IntegerPlan, layers: readonly IntegerLayer[], target: Target): LayerCode[] {
  const codes: LayerCode[] = [];
  layers.forEach((layer, index) => {
    const next = layers[index + 1];
    const output = placementFor(next, layer, target.bits);
    if (!coversInput(layer)) {
      codes.push(layer.signed ? firstCode(layer, output, target) : convolutionCode(layer, output, target));
      return;
    }
    if (layer.signed) codes.push(bytesCode(layer));
    codes.push(
      linearCode(
        layer.signed ? { ...overPatches(layer, INPUT_LIMIT), signed: false } : layer,
        output,
        target,
        layer.signed,
      ),
    );
  });
  codes.push(lastCode(plan, layers.at(-1)!, target));
  return codes;
}

/** How the activations lie that the network writes, in order. */
export function hiddenPlacements(layers: readonly IntegerLayer[], bits: number): Placement[] {
  const outputs = layers.map((layer, index) => placementFor(layers[index + 1], layer, bits));
  const first = layers[0];
  return first && coversInput(first) ? [bytesPlacement(first), ...outputs] : outputs;
}

function bytesPlacement({ input }: IntegerLayer): Placement {
  const shape = { channels: elements(input), height: 1, width: 1 };
  return { kind: 'vector', planes: BYTE_PLANES, quads: vectorQuads(shape) };
}

/** How `layer` has to write its output for `next`; the last layer reads a vector. */
function placementFor(next: IntegerLayer | undefined, layer: IntegerLayer, planes: number): Placement {
  const shape = layer.output;
  if (!next || coversInput(next)) return { kind: 'vector', planes, quads: vectorQuads(shape) };
  return {
    kind: 'map',
    planes,
    chunks: quads(shape.channels),
    rows: roundUp(next.convolved.height, 8) + next.kernelHeight - 1,
    columns: roundUp(next.convolved.width, 8) + next.kernelWidth - 1,
    margin: next.padding,
  };
}

function inputConstants(input: Placement): Record<string, number> {
  if (input.kind === 'vector') return { IN_PLANES: input.planes, CHUNKS: input.quads };
  return { IN_PLANES: input.planes, CHUNKS: input.chunks, ROWS: input.rows, COLUMNS: input.columns };
}

function outputConstants(layer: IntegerLayer, output: Placement): Record<string, number> {
  return {
    OUT_CHUNKS: quads(layer.output.channels),
    SHIFT: layer.requantization.shift,
    POOL: layer.pool ? 2 : 1,
    CONVOLVED_HEIGHT: layer.convolved.height,
    CONVOLVED_WIDTH: layer.convolved.width,
    OUT_HEIGHT: layer.output.height,
    OUT_WIDTH: layer.output.width,
    ...outputPlacement(output),
  };
}

function outputPlacement(output: Placement): Record<string, number> {
  if (output.kind === 'vector') return { OUT_VECTOR: 1, OUT_QUADS: output.quads };
  return { OUT_VECTOR: 0, OUT_ROWS: output.rows, OUT_COLUMNS: output.columns, OUT_MARGIN: output.margin };
}

function outputs({ output }: IntegerLayer): number {
  return roundUp(output.channels, QUAD_CHANNELS);
}

function firstCode(layer: IntegerLayer, output: Placement, { instruction }: Target): LayerCode {
  const asCells = instruction === 'wgmma' && fitsCells(layer);
  return {
    name: layer.name,
    files: asCells ? ['tile.cl', 'lanes.cl', 'cells.cl'] : ['tile.cl', 'first.cl'],
    constants: {
      ...outputConstants(layer, output),
      CHANNELS: layer.input.channels,
      HEIGHT: layer.input.height,
      WIDTH: layer.input.width,
      KERNEL_HEIGHT: layer.kernelHeight,
      KERNEL_WIDTH: layer.kernelWidth,
      STRIDE: layer.stride,
      PADDING: layer.padding,
      HALVED: 0,
    },
    operands: [
      {
        type: 'uint4',
        bytes: asCells
          ? packCells(layer, outputs(layer))
          : packBytes(layer, outputs(layer), Math.ceil(windowBytes(layer) / 32)),
      },
      { type: 'int2', bytes: packScales(layer, outputs(layer)) },
    ],
    ...{ input: null, readsSums: false, output },
  };
}

/** Whether cells.cl can take a first layer: windows of one quad a row, all weights in registers. */
function fitsCells(layer: IntegerLayer): boolean {
  const { input, kernelHeight, kernelWidth, stride } = layer;
  const steps = Math.ceil(kernelHeight / 2);
  const patchBytes = (7 * stride + kernelHeight + 1) * (128 + (7 * stride + 4) * 4);
  return (
    input.channels <= 4 &&
    kernelWidth <= 4 &&
    (outputs(layer) / 64) * steps <= CELL_WEIGHTS &&
    patchBytes + input.channels * 256 <= LOCAL_BYTES / 2
  );
}

function bytesCode(layer: IntegerLayer): LayerCode {
  const output = bytesPlacement(layer);
  return {
    name: `${layer.name} bytes`,
    files: ['bytes.cl'],
    constants: {
      INPUTS: elements(layer.input),
      CHANNELS: layer.input.channels,
      ...outputPlacement(output),
    },
    operands: [],
    ...{ input: null, readsSums: false, output },
  };
}

function linearCode(layer: IntegerLayer, output: Placement, target: Target, afterBytes: boolean): LayerCode {
  const input: Placement = {
    kind: 'vector',
    planes: afterBytes ? BYTE_PLANES : target.bits,
    quads: vectorQuads(layer.input),
  };
  const tiles = Math.ceil(target.batchSize / VECTOR_IMAGES) * 2 * quads(layer.output.channels);
  const asVector = tiles >= 2 * target.computeUnits;
  if (asVector && target.instruction === 'wgmma') {
    const overImages = overQuads(layer, input.quads * QUAD_CHANNELS);
    if (fitsWarpgroup(overImages, input.planes, target.bits)) return warpgroupCode(overImages, input, output);
  }
  return {
    name: layer.name,
    files: ['tile.cl', 'linear.cl'],
    constants: { ...inputConstants(input), ...outputConstants(layer, output) },
    operands: [
      { type: 'uint4', bytes: packLinear(layer, outputs(layer)) },
      { type: 'int2', bytes: packScales(layer, outputs(layer)) },
    ],
    ...{ input, readsSums: true, output },
  };
}

/** A linear layer as a convolution of 1 x 1 over quads, [channels / 128][y][x]; `channels` are those of all quads. */
function overQuads(layer: IntegerLayer, channels: number): IntegerLayer {
  const { input, signs, convolved } = layer;
  const pixels = input.height * input.width;
  const ordered = new Int8Array(convolved.channels * channels);
  for (let o = 0; o < convolved.channels; o++)
    for (let c = 0; c < input.channels; c++)
      for (let pixel = 0; pixel < pixels; pixel++) {
        const quad = Math.floor(c / QUAD_CHANNELS) * pixels + pixel;
        ordered[o * channels + quad * QUAD_CHANNELS + (c % QUAD_CHANNELS)] =
          signs[(o * input.channels + c) * pixels + pixel]!;
      }
  return {
    ...layer,
    input: { channels, height: 1, width: 1 },
    ...{ kernelHeight: 1, kernelWidth: 1, signs: ordered },
  };
}

function convolutionCode(layer: IntegerLayer, output: Placement, target: Target): LayerCode {
  const input = placementOf(layer, target.bits);
  if (target.instruction === 'wgmma' && fitsWarpgroup(layer, target.bits, target.bits))
    return warpgroupCode(layer, input, output);
  return {
    name: layer.name,
    files: ['tile.cl', 'patch.cl', 'convolution.cl'],
    constants: patchConstants(layer, input, output),
    operands: [
      { type: 'uint4', bytes: packConvolution(layer, outputs(layer), stageChunks(layer)) },
      { type: 'int2', bytes: packScales(layer, outputs(layer)) },
    ],
    ...{ input, readsSums: true, output },
  };
}

function warpgroupCode(layer: IntegerLayer, input: Placement, output: Placement): LayerCode {
  const weights = packConvolution(layer, outputs(layer), stageChunks(layer), warpgroupOutput);
  return {
    name: layer.name,
    files: ['tile.cl', 'patch.cl', 'lanes.cl', 'warpgroup.cl'],
    constants: {
      ...patchConstants(layer, input, output),
      SLOTS: warpgroupSlots(input.planes),
      HALVED: 1,
    },
    operands: [
      { type: 'uint4', bytes: weights },
      { type: 'int2', bytes: packScales(layer, outputs(layer)) },
    ],
    ...{ input, readsSums: true, output },
  };
}

/** How a convolution reads its input. */
function placementOf(layer: IntegerLayer, planes: number): Placement {
  return placementFor(layer, { ...layer, output: layer.input }, planes);
}

function patchConstants(layer: IntegerLayer, input: Placement, output: Placement): Record<string, number> {
  return {
    ...inputConstants(input),
    ...outputConstants(layer, output),
    VECTOR: input.kind === 'vector' ? 1 : 0,
    KERNEL_HEIGHT: layer.kernelHeight,
    KERNEL_WIDTH: layer.kernelWidth,
    STAGE_CHUNKS: stageChunks(layer),
  };
}

/** `classesAtOnce` of one spread the classes over warps where images are few. */
function lastCode(plan: IntegerPlan, before: IntegerLayer, target: Target): LayerCode {
  const { classes, bias, name } = plan.last;
  const input: Placement = { kind: 'vector', planes: target.bits, quads: vectorQuads(before.output) };
  return {
    name,
    files: ['last.cl'],
    constants: {
      ...inputConstants(input),
      CLASSES: classes,
      CLASSES_AT_ONCE: target.batchSize < MANY_IMAGES ? 1 : classes,
    },
    operands: [
      { type: 'float', bytes: packLast(plan.last, before.output) },
      { type: 'float', bytes: new Uint8Array(bias.buffer, bias.byteOffset, bias.byteLength) },
    ],
    ...{ input, readsSums: false, output: null },
  };
}

/** A linear layer, or a convolution with one position. */
function coversInput({ input, convolved, kernelHeight, kernelWidth, padding, pool }: IntegerLayer): boolean {
  const whole = kernelHeight === input.height && kernelWidth === input.width && padding === 0;
  return whole && convolved.height === 1 && convolved.width === 1 && !pool;
}

function windowBytes({ kernelHeight, kernelWidth, input }: IntegerLayer): number {
  return kernelHeight * kernelWidth * input.channels;
}

/** Chunks in pairs, where there is an even number of them: see patch.cl. */
function stageChunks({ input }: IntegerLayer): number {
  return quads(input.channels) % 2 === 0 ? 2 : 1;
}

function positions({ kernelHeight, kernelWidth }: IntegerLayer): number {
  return (7 + kernelHeight) * (7 + kernelWidth);
}

/** As first.cl sums it up. */
function firstLocalBytes(layer: IntegerLayer, planes: number): number {
  const { input, kernelHeight, kernelWidth, stride } = layer;
  const patch = (7 * stride + kernelHeight) * (7 * stride + kernelWidth) * input.channels;
  return input.channels * 256 + 64 * roundUp(windowBytes(layer), 32) + roundUp(patch, 16) + 512 * planes;
}

/** As convolution.cl and warpgroup.cl sum it up, with `slots` quads of each position in flight. */
function patchLocalBytes(layer: IntegerLayer, slots: number, planes: number, sumBuffers: number): number {
  const sums = roundUp(sumBuffers * positions(layer) * quads(layer.input.channels) * 4, 16);
  const stored = layer.pool ? 16 : 64;
  return slots * positions(layer) * 16 + sums + 256 + stored * planes * 8;
}

function convolutionLocalBytes(layer: IntegerLayer, planes: number): number {
  return patchLocalBytes(layer, 2 * stageChunks(layer) * planes, planes, 2);
}

/** Steps of a tile: see patch.cl. */
function stepsOf(layer: IntegerLayer): number {
  const stages = quads(layer.input.channels) / stageChunks(layer);
  return stages * Math.ceil((layer.kernelHeight * layer.kernelWidth * stageChunks(layer)) / 2);
}

/** Planes that warpgroup.cl has in local memory: enough to hide the way there, in step with the planes of a tile. */
function warpgroupSlots(planes: number): number {
  return planes === 3 ? 3 : 4;
}

function fitsWarpgroup(layer: IntegerLayer, inPlanes: number, bits: number): boolean {
  const slots = warpgroupSlots(inPlanes);
  const bytes = patchLocalBytes(layer, slots * quads(layer.input.channels), bits, slots > inPlanes ? 2 : 1);
  return stepsOf(layer) <= WARPGROUP_STEPS && bytes <= LOCAL_BYTES;
}
