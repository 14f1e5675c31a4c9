/**
 * A network's kernels as one OpenCL C file: kernels/fpga, a part for each kernel of the chain, with its sizes as
 * constants. Weights and scales are no part of it: the host hands them over. So one image serves every model with
 * the same layers, precision and folding.
 */
import { createHash } from 'node:crypto';
import type { Folding } from '../../../../core/fpga/folding';
import type { IntegerPlan } from '../../../../core/network/quantization';
import { integerLayers } from '../integer/layers';
import { readKernelSource } from '../kernelSource';
import { type Chain, type ChainKernel, type KernelKind, planChain } from './design';

/** How streams are written; see kernels/fpga/dialect.cl. */
export type Dialect = 'intel' | 'amd' | 'arrays';

export interface SourceOptions {
  dialect: Dialect;
  /** On a board weights lie on the chip, and products are trees of adders. */
  target: 'board' | 'emulator';
  /** Each layer also writes its activations to a buffer of its own, for tests. */
  tapped?: boolean;
}

export interface GeneratedKernels {
  /** For the vendor's compiler: path in the source folder to its text. */
  files: Map<string, string>;
  /** Names of all kernels, in the order of the chain. */
  kernels: string[];
  /** Of the text: layers, precision and folding are all in it. */
  networkSha256: string;
}

export const SOURCE_FILE = 'network.cl';

/** What `bnnw fpga build` compiles. @throws WorkbenchError `unsupported`, `usage` */
export function generateKernels(
  plan: IntegerPlan,
  folding: Folding,
  options: SourceOptions,
): GeneratedKernels {
  const chain = planChain(plan, integerLayers(plan), folding);
  const text = chainSource(chain, options);
  return {
    files: new Map([[SOURCE_FILE, text]]),
    kernels: chain.kernels.map(({ name }) => name),
    networkSha256: createHash('sha256').update(text).digest('hex'),
  };
}

const FILES: Record<KernelKind, string[]> = {
  loader: ['loader.cl'],
  widths: ['widths.cl'],
  convolution: ['multiply.cl', 'convolution.cl'],
  dense: ['multiply.cl', 'dense.cl'],
  last: ['last.cl'],
};

export function chainSource(chain: Chain, { dialect, target, tapped = false }: SourceOptions): string {
  const streams = chain.kernels.flatMap(({ out }) => (out ? [out] : []));
  const widths = [...new Set(streams.map(({ width }) => width))];
  return [
    `#define DIALECT_${dialect.toUpperCase()}`,
    ...(target === 'board' ? ['#define ON_CHIP', '#define ADDER_TREE', '#define UNROLLED'] : []),
    ...(tapped ? ['#define TAPPED'] : []),
    file('dialect.cl'),
    ...widths.map((width) => `typedef struct { uchar v[${width}]; } ${wordType(width)};`),
    ...streams.map(
      ({ name, width, depth }) =>
        `STREAM(${wordType(width)}, ${name}, ${dialect === 'amd' ? pipeDepth(depth) : depth})`,
    ),
    ...chain.kernels.map(instance),
    '',
  ].join('\n');
}

/** AMD's pipes hold a power of two of words, 16 to 32,768 (UG1393, xcl_reqd_pipe_depth). */
function pipeDepth(words: number): number {
  return Math.min(32_768, Math.max(16, 2 ** Math.ceil(Math.log2(words))));
}

function instance(kernel: ChainKernel): string {
  const { name, kind, constants, in: input, out } = kernel;
  const defines: Record<string, string | number> = { KERNEL_NAME: name, ...constants };
  if (input) Object.assign(defines, { IN: input.name, IN_WORD: wordType(input.width) });
  if (out) Object.assign(defines, { OUT: out.name, OUT_WORD: wordType(out.width) });
  if (constants.LANE !== undefined) Object.assign(defines, laneType(constants.LANE));
  const texts = FILES[kind].map(file);
  const own = texts.flatMap((text) => [...text.matchAll(/^#define (\w+)/gm)].map(([, macro]) => macro!));
  return [
    `/* ---- ${name} ---- */`,
    ...Object.entries(defines).map(([macro, value]) => `#define ${macro} ${value}`),
    `#define NAME(x) JOIN(${name}_, x)`,
    ...texts,
    ...[...Object.keys(defines), 'NAME', ...new Set(own)].map((macro) => `#undef ${macro}`),
  ].join('\n');
}

/** The narrowest type that holds a lane, and a lane of all weights +1. */
function laneType(lane: number): Record<string, string> {
  const bytes = laneBytes(lane);
  const ones = (2n ** BigInt(lane) - 1n).toString(16);
  return {
    LANE_TYPE: { 1: 'uchar', 2: 'ushort', 4: 'uint', 8: 'ulong' }[bytes],
    LANE_BYTES: String(bytes),
    ALL_ONES: `0x${ones}ul`,
  };
}

export function laneBytes(lane: number): 1 | 2 | 4 | 8 {
  return lane <= 8 ? 1 : lane <= 16 ? 2 : lane <= 32 ? 4 : 8;
}

function wordType(width: number): string {
  return `word${width}`;
}

function file(name: string): string {
  return readKernelSource(`fpga/${name}`);
}
