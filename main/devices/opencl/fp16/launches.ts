/** From a plan to the launches of kernels/fp16 that run it. Nothing here touches a device. */
import { realValues } from '../../../../core/network/binaryWeights';
import type { Tensor } from '../../../../core/network/model';
import { normalizationTable } from '../../../../core/network/operators';
import type { ConvolutionStep, LinearStep, Plan } from '../../../../core/network/plan';
import { roundUp } from '../integer/layers';
import { type Instruction, LOCAL_BYTES } from '../nvidia/architecture';
import { nearestHalves } from './halves';
import {
  convolutionOrder,
  type HalfLayout,
  LINEAR_STAGE,
  layoutBytes,
  mapLayout,
  packSteps,
  vectorInputs,
  vectorLayout,
} from './layout';

const WORK_ITEMS = 128;
/** Subtiles of 8 x 8 positions, or of 64 images, that a work-group multiplies. */
const SUBTILES = 4;
/** Taps whose weights fit into registers twice. */
const WARPGROUP_TAPS = 9;
/** Stages in local memory: what is fastest on an H200. The way to memory is hidden by the other work-group too. */
const RINGS = { wgmma: 2, 'mma.sync': 3 } as const;

export interface Target {
  instruction: Instruction;
  batchSize: number;
  computeUnits: number;
}

/** Its arguments: the output of the launch before, or the images; `operands`; its output; `counts`. */
export interface Launch {
  name: string;
  kernel: string;
  /** In kernels/, joined in this order. */
  files: string[];
  constants: Record<string, number>;
  /** Made when asked for. */
  operands: () => Uint8Array[];
  counts: number[];
  global: number[];
  /** Null where the driver may choose. */
  local: number[] | null;
  outputBytes: number;
  /** How the output lies, where it is an activation. */
  output: HalfLayout | null;
}

export interface Chain {
  hidden: (ConvolutionStep | LinearStep)[];
  last: LinearStep;
}

/** The plan as these kernels run it; or why they cannot. */
export function chainOf({ steps }: Plan): Chain | string {
  const hidden: Chain['hidden'] = [];
  const last = steps.at(-1);
  if (last?.kind !== 'linear' || last.relu) return 'the network does not end in a linear layer';
  for (const step of steps.slice(0, -1)) {
    const { name } = step;
    if (step.kind === 'pool' || step.kind === 'affine')
      return `${name} stands apart from a layer with weights`;
    const refusal = step.kind === 'convolution' ? convolutionRefusal(step) : null;
    if (refusal !== null) return refusal;
    if (step.kind === 'convolution' && hidden.at(-1)?.kind === 'linear')
      return `${name} comes after a linear layer`;
    hidden.push(step);
  }
  return { hidden, last };
}

function convolutionRefusal(step: ConvolutionStep): string | null {
  const { name, stride, pool } = step;
  if (stride !== 1) return `${name} has a stride`;
  if (pool && (pool.size !== 2 || pool.stride !== 2)) return `${name} has a pool that is not 2 x 2`;
  return 2 * stageBytes(step, 2) > LOCAL_BYTES ? `${name} has too large a kernel` : null;
}

/** Every launch of a network, from raw bytes to logits; each one reads what the one before has written. */
export function networkLaunches(plan: Plan, { hidden, last }: Chain, target: Target): Launch[] {
  const { batchSize } = target;
  const first = hidden[0];
  let layout =
    first?.kind === 'convolution' ? mapLayout(first) : vectorLayout(plan.input, plan.input.channels);
  const launches = [normalizeLaunch(plan, layout, batchSize)];
  hidden.forEach((step, index) => {
    const output = layoutBetween(step, hidden[index + 1]);
    if (step.kind === 'convolution') launches.push(convolutionLaunch(step, layout, output, target));
    else launches.push(...linearLaunches(step, layout, output, target));
    layout = output;
  });
  launches.push(lastLaunch(last, layout, batchSize));
  return launches;
}

/** Stores are of two channels. */
function layoutBetween(
  step: ConvolutionStep | LinearStep,
  next: Chain['hidden'][number] | undefined,
): HalfLayout {
  if (next?.kind === 'convolution') return mapLayout(next);
  const shape = step.kind === 'linear' ? { channels: step.outputs, height: 1, width: 1 } : step.output;
  return vectorLayout(shape, roundUp(shape.channels, 2));
}

function normalizeLaunch({ input, normalization }: Plan, output: HalfLayout, batchSize: number): Launch {
  const { channels, height, width } = input;
  return {
    name: 'normalization',
    kernel: 'normalize',
    files: ['fp16/normalize.cl'],
    constants: { CHANNELS: channels, ...outputConstants(output) },
    operands: () => [bytesOf(nearestHalves(normalizationTable(channels, normalization)))],
    counts: [],
    global: [width, height, batchSize],
    local: null,
    outputBytes: layoutBytes(output, batchSize),
    output,
  };
}

const PRODUCT = ['nvidia/ptx.cl', 'fp16/halves.cl', 'fp16/product.cl'];

function convolutionLaunch(
  step: ConvolutionStep,
  input: HalfLayout,
  output: HalfLayout,
  target: Target,
): Launch {
  const { name, convolved, kernelHeight, kernelWidth, pool } = step;
  const { batchSize } = target;
  const tiles = { x: Math.ceil(convolved.width / 8), y: Math.ceil(convolved.height / 8) };
  const subtiles = batchSize * tiles.x * tiles.y;
  const channels = {
    outputs: step.output.channels,
    inputs: step.input.channels * kernelHeight * kernelWidth,
  };
  const blocks = Math.ceil(channels.outputs / 64);
  const instruction = kernelHeight * kernelWidth <= WARPGROUP_TAPS ? target.instruction : 'mma.sync';
  return {
    name,
    kernel: 'convolution',
    files: [...PRODUCT, 'fp16/convolution.cl'],
    constants: {
      ...productConstants(step, instruction),
      QUADS: 2,
      RING: ringOf(stageBytes(step, 2), instruction),
      STAGES: input.channels / 16,
      BLOCKS: blocks,
      TILES_X: tiles.x,
      TILES_Y: tiles.y,
      IN_ROWS: input.rows,
      IN_COLUMNS: input.row / input.channels,
      IN_CHANNELS: input.channels,
      POOL: pool ? 2 : 1,
      OUT_HEIGHT: step.output.height,
      OUT_WIDTH: step.output.width,
      ...outputConstants(output),
    },
    operands: () => [
      packSteps(halfWeights(step), channels, convolutionOrder(step)),
      packAffine(step, blocks * 64),
    ],
    counts: [subtiles],
    global: [blocks * Math.ceil(subtiles / SUBTILES) * WORK_ITEMS],
    local: [WORK_ITEMS],
    outputBytes: layoutBytes(output, batchSize),
    output,
  };
}

/** Images in place of positions: 64 of them are a map of 8 x 8. */
function linearLaunches(step: LinearStep, input: HalfLayout, output: HalfLayout, target: Target): Launch[] {
  const { name, outputs, inputs } = step;
  const { batchSize, computeUnits, instruction } = target;
  const kernel = { kernelHeight: 1, kernelWidth: 1 };
  const blocks = Math.ceil(outputs / 64);
  const stages = input.image / LINEAR_STAGE;
  const tiles = Math.ceil(batchSize / (64 * SUBTILES));
  const splits = Math.min(Math.max(Math.floor((2 * computeUnits) / (blocks * tiles)), 1), stages);
  const program = {
    files: [...PRODUCT, 'fp16/linear.cl'],
    constants: {
      ...productConstants({ ...step, ...kernel }, instruction),
      QUADS: LINEAR_STAGE / 8,
      RING: ringOf(stageBytes(kernel, LINEAR_STAGE / 8), instruction),
      STAGES: stages,
      BLOCKS: blocks,
      SPLITS: splits,
      ...{ TILES_X: 1, TILES_Y: 1, IN_ROWS: 8, IN_COLUMNS: 8, IN_CHANNELS: input.image },
      ...outputConstants(output),
    },
  };
  return [
    {
      name,
      kernel: 'linear',
      ...program,
      operands: () => [packSteps(halfWeights(step), { outputs, inputs }, vectorInputs(input))],
      counts: [batchSize],
      global: [blocks * splits * tiles * WORK_ITEMS],
      local: [WORK_ITEMS],
      outputBytes: splits * batchSize * blocks * 64 * 4,
      output: null,
    },
    {
      name: `sums of ${name}`,
      kernel: 'join',
      ...program,
      operands: () => [packAffine(step, blocks * 64)],
      counts: [],
      global: [output.channels / 2, batchSize],
      local: null,
      outputBytes: layoutBytes(output, batchSize),
      output,
    },
  ];
}

function lastLaunch(step: LinearStep, input: HalfLayout, batchSize: number): Launch {
  const { name, outputs } = step;
  return {
    name,
    kernel: 'last',
    files: ['nvidia/ptx.cl', 'fp16/halves.cl', 'fp16/last.cl'],
    constants: { IN_IMAGE: input.image, CLASSES: outputs, RELU: 0 },
    operands: () => [packLast(step, input), packAffine(step, outputs)],
    counts: [batchSize],
    global: [Math.ceil((batchSize * outputs) / 4) * WORK_ITEMS],
    local: [WORK_ITEMS],
    outputBytes: batchSize * outputs * 4,
    output: null,
  };
}

function productConstants(
  { kernelHeight, kernelWidth, relu }: Pick<ConvolutionStep, 'kernelHeight' | 'kernelWidth' | 'relu'>,
  instruction: Instruction,
): Record<string, number> {
  return {
    WARPGROUPS: Number(instruction === 'wgmma'),
    KERNEL_HEIGHT: kernelHeight,
    KERNEL_WIDTH: kernelWidth,
    RELU: Number(relu),
  };
}

function outputConstants({ channels, row, image, origin }: HalfLayout): Record<string, number> {
  return { OUT_CHANNELS: channels, OUT_ROW: row, OUT_IMAGE: image, OUT_ORIGIN: origin };
}

/** As product.cl sums it up. */
function stageBytes(
  { kernelHeight, kernelWidth }: Pick<ConvolutionStep, 'kernelHeight' | 'kernelWidth'>,
  quads: number,
): number {
  const positions = (7 + kernelHeight) * (7 + kernelWidth);
  return quads * (SUBTILES * positions * 16 + (quads === 2 && positions % 2 === 0 ? 64 : 0));
}

function ringOf(bytes: number, instruction: Instruction): number {
  return Math.min(Math.floor(LOCAL_BYTES / bytes), RINGS[instruction]);
}

function halfWeights({ weights }: { weights: Tensor }): Uint16Array {
  return nearestHalves(realValues(weights));
}

/** {scale, shift} of each output; 0 where there is none. */
function packAffine({ scale, shift }: Pick<LinearStep, 'scale' | 'shift'>, outputs: number): Uint8Array {
  const packed = new Float32Array(outputs * 2);
  scale.forEach((value, o) => {
    packed.set([value, shift[o]!], o * 2);
  });
  return bytesOf(packed);
}

/** [class][half of an image in memory] */
function packLast({ weights, outputs, inputs }: LinearStep, input: HalfLayout): Uint8Array {
  const values = realValues(weights);
  const sources = vectorInputs(input);
  const packed = new Float32Array(outputs * input.image);
  for (let o = 0; o < outputs; o++)
    sources.forEach((source, k) => {
      if (source >= 0) packed[o * input.image + k] = values[o * inputs + source]!;
    });
  return bytesOf(packed);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
