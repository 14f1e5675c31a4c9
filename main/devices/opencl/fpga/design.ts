/**
 * A network as a chain of kernels joined by streams: which kernels there are, how wide each works, and what passes
 * between them. Everything that kernels/fpga needs as a constant is decided here.
 */
import { WorkbenchError } from '../../../../core/errors';
import { type Folding, type LayerFolding, vectorLoaderWidth } from '../../../../core/fpga/folding';
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { IntegerLayer } from '../integer/layers';

/** What joins two kernels. */
export interface Stream {
  name: string;
  /** Activations in a word, a byte each. */
  width: number;
  /** Activations of an image. */
  elements: number;
  /** Words that wait in it at most. */
  depth: number;
}

export type KernelKind = 'loader' | 'widths' | 'convolution' | 'dense' | 'last';

export interface ChainKernel {
  kind: KernelKind;
  /** Of the kernel in the program. */
  name: string;
  /** Index of the hidden layer that it computes; null for all others. */
  layer: number | null;
  in: Stream | null;
  out: Stream | null;
  constants: Record<string, number>;
}

/** How a layer's inputs are divided into steps and lanes; see kernels/fpga/multiply.cl. */
export interface Lanes {
  pe: number;
  simd: number;
  /** Activations of one lane, at most 64. */
  lane: number;
  folds: number;
  chunks: number;
}

export interface Chain {
  /** In the order in which data passes through them. */
  kernels: ChainKernel[];
  /** Of each hidden layer. */
  lanes: Lanes[];
  last: { pe: number; simd: number };
  bits: number;
  top: number;
}

/** Channels are chosen bit by bit with a word of this many taps. */
const MOST_TAPS = 64;
const WIDEST_LANE = 64;
const INPUT_BITS = 8;

/** Why the kernels cannot compute a layer, as a sentence; null where they can. */
export function chainRefusal(layers: readonly IntegerLayer[]): string | null {
  for (const { name, kernelHeight, kernelWidth, padding, pool, ...layer } of layers) {
    if (isDense({ kernelHeight, kernelWidth, padding, ...layer })) continue;
    if (2 * padding > Math.min(kernelHeight, kernelWidth) - 1)
      return `${name} pads by more than half of its window`;
    if (kernelHeight * kernelWidth > MOST_TAPS)
      return `the window of ${name} has more than ${MOST_TAPS} taps`;
    if (pool && pool.size !== pool.stride) return `the windows of the pool behind ${name} overlap`;
  }
  return null;
}

/** @throws WorkbenchError `unsupported`, as {@link chainRefusal}; `usage` where the folding is of another network */
export function planChain(plan: IntegerPlan, layers: readonly IntegerLayer[], folding: Folding): Chain {
  const refusal = chainRefusal(layers);
  if (refusal !== null) {
    throw new WorkbenchError('unsupported', `The FPGA kernels cannot run this network: ${refusal}`, {
      remedy: 'Use another device.',
    });
  }
  if (folding.layers.length !== layers.length + 1) {
    throw new WorkbenchError(
      'usage',
      `The folding has ${folding.layers.length} layers, the network ${layers.length + 1}`,
      { remedy: 'Give a folding of this network.' },
    );
  }
  return new ChainPlanner(plan, layers, folding).plan();
}

class ChainPlanner {
  private readonly kernels: ChainKernel[] = [];
  private converters = 0;
  private stream: Stream;

  constructor(
    private readonly integerPlan: IntegerPlan,
    private readonly layers: readonly IntegerLayer[],
    private readonly folding: Folding,
  ) {
    const first = layers[0]!;
    const folded = folding.layers[0]!;
    const inputs = elements(integerPlan.input);
    const width = isDense(first)
      ? vectorLoaderWidth(inputs, first.convolved.channels, folded)
      : integerPlan.input.channels;
    this.stream = { name: 'stream0', width, elements: inputs, depth: folded.channelDepth };
  }

  plan(): Chain {
    const { input, bits, top, last } = this.integerPlan;
    const { width, elements: inputs } = this.stream;
    this.add('loader', 'loader', null, null, this.stream, {
      WIDTH: width,
      WORD_BANKS: banksOf(width),
      ELEMENTS: inputs,
      CHANNELS: input.channels,
    });
    const lanes = this.layers.map((layer, index) => this.addLayer(layer, index));
    const { pe, simd, weights } = this.folding.layers.at(-1)!;
    requireDivisor(pe, last.classes, `${last.name}: outputs a cycle`);
    requireDivisor(simd, last.inputs, `${last.name}: inputs a cycle`);
    this.convertTo(simd);
    this.add('last', kernelName(this.layers.length, last.name), null, this.stream, null, {
      OUTPUTS: last.classes,
      PE: pe,
      SIMD: simd,
      ROW_BANKS: banksOf(pe * simd),
      INPUT_BANKS: banksOf(simd),
      ...streaming(weights),
      ...steps(last.classes / pe, last.inputs / simd),
    });
    return { kernels: this.kernels, lanes, last: { pe, simd }, bits, top };
  }

  private addLayer(layer: IntegerLayer, index: number): Lanes {
    const folding = this.folding.layers[index]!;
    const dense = isDense(layer);
    const lanes = dense ? denseLanes(layer, folding) : convolutionLanes(layer, folding);
    if (dense) this.convertTo(folding.simd);
    const before = this.stream;
    const outputs = layer.convolved.channels;
    const out: Stream = {
      name: this.nextName(),
      width: folding.pe,
      elements: elements(layer.output),
      depth: folding.channelDepth,
    };
    const bits = index === 0 ? INPUT_BITS : this.integerPlan.bits;
    const parts = lanes.simd / lanes.lane;
    const constants = {
      OUTPUTS: outputs,
      PE: lanes.pe,
      BITS: bits,
      TOP: this.integerPlan.top,
      LANE: lanes.lane,
      PARTS: parts,
      PE_BANKS: banksOf(lanes.pe),
      ROW_BANKS: banksOf(lanes.pe * parts),
      ...streaming(folding.weights),
      ...steps(lanes.folds, lanes.chunks),
    };
    const window = dense
      ? { INPUT_BANKS: banksOf(parts * bits) }
      : windowConstants(layer, lanes, before.width, bits);
    const kind = dense ? 'dense' : 'convolution';
    this.add(kind, kernelName(index, layer.name), index, before, out, { ...constants, ...window });
    this.stream = out;
    return lanes;
  }

  /** Through the greatest common divisor where neither width divides the other. */
  private convertTo(width: number): void {
    const common = greatestCommonDivisor(this.stream.width, width);
    for (const next of [common, width]) {
      const before = this.stream;
      if (before.width === next) continue;
      const { elements } = before;
      // Narrower words are more: as many activations find room as before.
      const depth = Math.ceil(before.depth * Math.max(1, before.width / next));
      const out = { name: this.nextName(), width: next, elements, depth };
      const constants = { FROM: before.width, TO: next, ELEMENTS: elements };
      this.add('widths', `widths${this.converters++}`, null, before, out, constants);
      this.stream = out;
    }
  }

  private nextName(): string {
    return `stream${this.kernels.length}`;
  }

  private add(
    kind: KernelKind,
    name: string,
    layer: number | null,
    input: Stream | null,
    out: Stream | null,
    constants: Record<string, number>,
  ): void {
    this.kernels.push({ kind, name, layer, in: input, out, constants });
  }
}

/** A layer whose window covers its input once: the whole image before it is one vector. */
export function isDense(
  layer: Pick<IntegerLayer, 'input' | 'kernelHeight' | 'kernelWidth' | 'padding' | 'convolved'>,
): boolean {
  const { input, kernelHeight, kernelWidth, padding, convolved } = layer;
  return (
    padding === 0 &&
    convolved.height * convolved.width === 1 &&
    kernelHeight === input.height &&
    kernelWidth === input.width
  );
}

function denseLanes(layer: IntegerLayer, { name, pe, simd }: LayerFolding): Lanes {
  const inputs = elements(layer.input);
  requireDivisor(pe, layer.convolved.channels, `${name}: outputs a cycle`);
  requireDivisor(simd, inputs, `${name}: inputs a cycle`);
  const lane = laneOf(simd);
  return { pe, simd, lane, folds: layer.convolved.channels / pe, chunks: inputs / simd };
}

function convolutionLanes(layer: IntegerLayer, { name, pe, simd }: LayerFolding): Lanes {
  const { channels } = layer.input;
  const taps = layer.kernelHeight * layer.kernelWidth;
  requireDivisor(pe, layer.convolved.channels, `${name}: outputs a cycle`);
  if (simd <= channels) requireDivisor(simd, channels, `${name}: inputs a cycle`);
  else {
    requireDivisor(channels, simd, `${name}: input channels`);
    requireDivisor(simd / channels, taps, `${name}: taps a cycle`);
  }
  const lane = laneOf(greatestCommonDivisor(channels, simd));
  return { pe, simd, lane, folds: layer.convolved.channels / pe, chunks: (channels * taps) / simd };
}

function windowConstants(layer: IntegerLayer, { lane, folds, chunks }: Lanes, inWidth: number, bits: number) {
  const { input, convolved, pool } = layer;
  const words = input.channels / inWidth;
  return {
    HEIGHT: input.height,
    WIDTH: input.width,
    CONVOLVED_HEIGHT: convolved.height,
    CONVOLVED_WIDTH: convolved.width,
    KERNEL_HEIGHT: layer.kernelHeight,
    KERNEL_WIDTH: layer.kernelWidth,
    STRIDE: layer.stride,
    PADDING: layer.padding,
    // The integer 0; the input's integers are stored + 128.
    PAD: layer.signed ? 128 : 0,
    POOL: pool?.size ?? 1,
    LANES: input.channels / lane,
    ROWS_BANKS: banksOf(((layer.kernelHeight - 1) * input.channels * bits) / lane),
    IN_WIDTH: inWidth,
    GROUP: greatestCommonDivisor(inWidth, lane),
    WORDS: words,
    FOLD_STEPS: folds * chunks,
    ROWS_DISTANCE: input.width * words,
  };
}

/** Intel's memories have a power of two of banks, one for each column of a row; see kernels/fpga/dialect.cl. */
function banksOf(columns: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, columns)));
}

function streaming(weights: LayerFolding['weights']): Record<string, number> {
  return weights === 'streamed' ? { STREAMED: 1 } : {};
}

function steps(folds: number, chunks: number) {
  return { FOLDS: folds, CHUNKS: chunks, FOLD_STEPS: folds * chunks };
}

/** The widest lane of which a whole number makes this many activations. */
function laneOf(activations: number): number {
  for (let lane = Math.min(activations, WIDEST_LANE); ; lane--) if (activations % lane === 0) return lane;
}

/** Layer names are a user's; a kernel's name is an identifier. */
function kernelName(index: number, name: string): string {
  return `layer${index}_${name.replace(/\W/g, '_')}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function requireDivisor(part: number, whole: number, what: string): void {
  if (Number.isInteger(part) && part > 0 && whole % part === 0) return;
  throw new WorkbenchError('usage', `${what}: ${part} does not divide ${whole}`, {
    remedy: 'Give a folding of this network.',
  });
}
