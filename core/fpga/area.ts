/**
 * What a folded layer needs of a part, by a formula that can be followed with a pencil. It counts the adders,
 * memories and multipliers that the generated kernels describe; it knows nothing of routing, of registers that a
 * compiler adds, or of what it shares. Expect the logic to be off by up to a half in either direction: see
 * docs/fpga.md for what it gives for published designs.
 *
 * A layer with b-bit inputs, window K, PE outputs and SIMD inputs a cycle:
 *
 *   adder tree   PE trees over SIMD inputs that pass or not (the weight, 0 or 1); the sum over +-1 weights is twice
 *                that minus the sum of all inputs, which one further tree gives for all PE. A tree over n inputs of
 *                w bits has floor(n/2) adders of w+1 bits, then floor of half as many of w+2 bits, and so on.
 *   choice       SIMD * b multiplexers with K / SIMD inputs, a LUT for each 3 inputs beyond the first
 *   accumulator  PE adders of A = ceil(log2(K * largest input)) + 1 bits
 *   pool         PE comparators of A bits, and a row of sums: outputs * outputWidth / pool * A bits
 *   rescaling    PE products of 32 by 32 bits in DSP blocks (the compiler does not know that they are narrower), PE
 *                adders and limits of 32 bits
 *   weights      a memory PE * SIMD bits wide, outputs * K / (PE * SIMD) deep; where they are streamed, the two
 *                rows that the port to the board's memory holds ready, a burst of BURST_WORDS deep
 *   scales       a memory PE * 64 bits wide (multiplier and addend), outputs / PE deep
 *   line buffer  kernelHeight - 1 rows of the input; a linear layer holds its input twice
 *   channel      channelDepth words of PE activations, a byte each
 *   loader       the table of the input's integers, 8 bits wide and 256 deep for each input channel, once for each
 *                byte of a word
 *   control      a fixed amount for a kernel: each layer, the loader, and each converter of widths
 *
 * The last layer has 32-bit weights and multiplies: one DSP block for each of PE * SIMD.
 */
import { type Folding, type LayerFolding, type LayerGeometry, loaderWidth, windowSize } from './folding';
import type { BlockShape, FpgaBoard } from './parts';

export interface Area {
  /** LUTs with their carry (AMD), half ALMs (Intel). */
  adderBits: number;
  /** By name of the block memory. */
  memoryBlocks: Record<string, number>;
  dspBlocks: number;
  /** Bits that lie in memories of any kind. */
  memoryBits: number;
}

/** Largest |integer| that an input can be. */
export interface InputRange {
  bits: number;
  largest: number;
}

/** Logic of a kernel's loop control, its arguments and its channel ends. An assumption, not a measurement. */
export const CONTROL_ADDER_BITS = 1000;
/** Words of a burst from the board's memory, held twice. An assumption: compilers choose it. */
const BURST_WORDS = 16;
const TABLE_DEPTH = 256;
/** Multiplier and addend. */
const SCALE_BITS = 64;
const REAL_WEIGHT_BITS = 32;
/** Inputs that a LUT of six inputs adds to a multiplexer. */
const CHOICES_OF_LUT = 3;
/** The 32-bit addend, and the comparisons that limit the result. */
const RESCALE_ADDER_BITS = 64;

/** Adders can only be logic, and it runs out first: a share of it counts as so many shares of memory or DSP. */
export const LOGIC_WORTH = 4;

/** Adder bits of a tree that sums n numbers of some bits. */
export function adderTreeBits(inputs: number, bits: number): number {
  let total = 0;
  let [count, width] = [inputs, bits];
  while (count > 1) {
    width += 1;
    total += Math.floor(count / 2) * width;
    count = Math.ceil(count / 2);
  }
  return total;
}

/** Bits of a sum over a window, with sign. */
export function accumulatorBits(layer: LayerGeometry, input: InputRange): number {
  return Math.ceil(Math.log2(windowSize(layer) * input.largest + 1)) + 1;
}

export function layerArea(
  layer: LayerGeometry,
  folding: LayerFolding,
  input: InputRange,
  board: FpgaBoard,
): Area {
  const { pe, simd, channelDepth } = folding;
  const folds = layer.outputs / pe;
  const sumBits = accumulatorBits(layer, input);
  const weightBits = layer.binary ? 1 : REAL_WEIGHT_BITS;
  const memories = new MemoryPlan(board);
  const rows = Math.ceil((layer.outputs * windowSize(layer)) / (pe * simd));
  memories.add(pe * simd * weightBits, folding.weights === 'streamed' ? 2 * BURST_WORDS : rows);
  memories.add(pe * SCALE_BITS, folds);
  memories.add(pe * 8, channelDepth);
  const inputWord = Math.min(simd, layer.channels) * input.bits;
  if (layer.kind === 'convolution') {
    const bits = (layer.kernelHeight - 1) * layer.inputWidth * layer.channels * input.bits;
    memories.add(inputWord, Math.ceil(bits / inputWord));
  } else {
    memories.add(inputWord, Math.ceil((2 * layer.channels * input.bits) / inputWord));
  }
  if (layer.pool !== null) {
    memories.add(pe * sumBits, folds * Math.ceil(layer.outputWidth / layer.pool));
  }

  const trees = layer.binary
    ? (pe + 1) * adderTreeBits(simd, input.bits)
    : pe * adderTreeBits(simd, input.bits + REAL_WEIGHT_BITS);
  const choices = Math.ceil((windowSize(layer) / simd - 1) / CHOICES_OF_LUT);
  const choosing = layer.kind === 'linear' ? 0 : simd * input.bits * choices * board.logic.adderBitsEach;
  const perOutput = sumBits + RESCALE_ADDER_BITS + (layer.pool === null ? 0 : sumBits);
  return {
    adderBits: CONTROL_ADDER_BITS + trees + choosing + pe * perOutput + memories.adderBits,
    memoryBlocks: memories.blocks,
    dspBlocks: layer.binary ? pe * board.dspBlocksOfProduct : pe * simd,
    memoryBits: memories.bits,
  };
}

/** Kernels beside those of the layers: the loader, and what changes the width of words before linear layers. */
export function joiningArea(
  layers: readonly LayerGeometry[],
  inputChannels: number,
  folding: Folding,
  board: FpgaBoard,
): Area {
  const converters = layers.map((layer, i) => {
    const before = folding.layers[i - 1]?.pe;
    const { simd } = folding.layers[i]!;
    if (before === undefined || layer.kind === 'convolution' || before === simd) return 0;
    return before % simd === 0 || simd % before === 0 ? 1 : 2;
  });
  const width = loaderWidth(layers[0]!, folding.layers[0]!);
  const widened = layers[0]!.kind === 'linear' && width !== folding.layers[0]!.simd ? 1 : 0;
  const kernels = converters.reduce<number>((a, b) => a + b, 1 + widened);
  const tables = new MemoryPlan(board);
  for (let copy = 0; copy < width; copy++) tables.add(8, TABLE_DEPTH * inputChannels);
  return {
    adderBits: kernels * CONTROL_ADDER_BITS + tables.adderBits,
    memoryBlocks: tables.blocks,
    dspBlocks: 0,
    memoryBits: tables.bits,
  };
}

export function totalArea(areas: readonly Area[]): Area {
  const total: Area = { adderBits: 0, memoryBlocks: {}, dspBlocks: 0, memoryBits: 0 };
  for (const area of areas) {
    total.adderBits += area.adderBits;
    total.dspBlocks += area.dspBlocks;
    total.memoryBits += area.memoryBits;
    for (const [name, blocks] of Object.entries(area.memoryBlocks)) {
      total.memoryBlocks[name] = (total.memoryBlocks[name] ?? 0) + blocks;
    }
  }
  return total;
}

/** Share of the part that is used, of all and not of the usable; the memory that is fullest stands for all. */
export function shares(area: Area, board: FpgaBoard): { logic: number; memory: number; dsp: number } {
  return {
    logic: area.adderBits / (board.logic.count * board.logic.adderBitsEach),
    memory: Math.max(...board.memories.map(({ name, blocks }) => (area.memoryBlocks[name] ?? 0) / blocks)),
    dsp: area.dspBlocks / board.dspBlocks,
  };
}

/** Puts each memory of a layer where it takes the least share of the part: a kind of block, or logic where shallow. */
class MemoryPlan {
  readonly blocks: Record<string, number> = {};
  adderBits = 0;
  bits = 0;

  constructor(private readonly board: FpgaBoard) {}

  add(width: number, depth: number): void {
    if (width === 0 || depth === 0) return;
    this.bits += width * depth;
    const { logic, logicMemory, memories } = this.board;
    const adderBits = Math.ceil((width * logicMemory.depth) / logicMemory.bitsPerAdderBit);
    const logicShare = depth <= logicMemory.depth ? adderBits / (logic.count * logic.adderBitsEach) : 1;
    const blocks = memories.map(({ name, blocks: all, shapes }) => {
      const needed = fewestBlocks(width, depth, shapes);
      return { name, needed, share: needed / all };
    });
    const best = blocks.reduce((a, b) => (b.share < a.share ? b : a));
    if (LOGIC_WORTH * logicShare < best.share) this.adderBits += adderBits;
    else this.blocks[best.name] = (this.blocks[best.name] ?? 0) + best.needed;
  }
}

/** Blocks of one shape side by side and one behind the other. */
export function fewestBlocks(width: number, depth: number, shapes: readonly BlockShape[]): number {
  return Math.min(...shapes.map((shape) => Math.ceil(width / shape.width) * Math.ceil(depth / shape.depth)));
}
