/**
 * The program of a network. OpenCL C has no templates: each layer's files are repeated with the layer's constants
 * defined before and everything that they define undefined behind, and NAME gives functions the layer's name.
 */
import { readKernelSource } from '../kernelSource';
import type { LayerCode } from './layers';

/** Where a layer's data lies, in bytes. */
export interface LayerPlaces {
  /** In the buffer of constants, one for each operand. */
  operands: number[];
  /** In the buffer of activations; null where the layer reads the images. */
  input: ActivationPlace | null;
  /** In the buffer of activations; null where the layer writes the logits. */
  output: ActivationPlace | null;
  /** Of the table of input bytes in the buffer of constants, where the layer reads it. */
  table: number | null;
}

/** An activation and its sums. */
export interface ActivationPlace {
  planes: number;
  sums: number;
}

export type Entry = 'one launch' | 'a launch a layer';

/** Work-items of a work-group. */
export const WORK_ITEMS = 128;

const PARAMETERS =
  '__global const uchar* images, __global const uchar* constants, __global uchar* activations, ' +
  '__global float* logits, __global uint* state, int count';

/**
 * Kernel `network` runs all layers, with a barrier over the grid between them; or kernels `layer0`, `layer1`, … run
 * one each. All take (images, constants, activations, logits, state, count). `clear` takes (activations, quads).
 */
export function networkSource(
  layers: readonly LayerCode[],
  places: readonly LayerPlaces[],
  planes: number,
  entry: Entry,
): string {
  const parts = [`#define PLANES ${planes}`, file('ptx.cl'), file('layout.cl')];
  layers.forEach((layer, index) => {
    parts.push(instance(layer, index));
  });
  const calls = layers.map((layer, index) => call(layer, places[index]!, index));
  if (entry === 'one launch') {
    parts.push(kernel('network', layers, calls.join('\n  gridBarrier(state);\n  ')));
  } else {
    calls.forEach((text, index) => {
      parts.push(kernel(`layer${index}`, layers, text));
    });
  }
  parts.push(CLEAR);
  return parts.join('\n');
}

function file(name: string): string {
  return readKernelSource(`nvidia/${name}`);
}

function instance({ files, constants }: LayerCode, index: number): string {
  const texts = files.map(file);
  const defines = Object.entries(constants).map(([name, value]) => `#define ${name} ${value}`);
  const own = texts.flatMap((text) => [...text.matchAll(/^#define (\w+)/gm)].map(([, name]) => name!));
  const undefines = [...Object.keys(constants), ...new Set(own)].map((name) => `#undef ${name}`);
  return [`#define NAME(x) layer${index}_##x`, ...defines, ...texts, ...undefines, '#undef NAME'].join('\n');
}

function call({ operands, readsSums, files }: LayerCode, places: LayerPlaces, index: number): string {
  const pointers = operands.map(
    ({ type }, i) => `(__global const ${type}*)(constants + ${places.operands[i]})`,
  );
  const { input, output, table } = places;
  const given = [
    input === null ? 'images' : `activations + ${input.planes}`,
    ...(readsSums && input ? [`(__global const uint*)(activations + ${input.sums})`] : []),
    ...(table === null
      ? []
      : [`(__global const ${files.includes('bytes.cl') ? 'uchar' : 'char'}*)(constants + ${table})`]),
    ...pointers,
    ...(output === null
      ? ['logits']
      : [`activations + ${output.planes}`, `(__global ushort*)(activations + ${output.sums})`]),
    'count',
    ...(output === null ? [] : ['local_']),
  ];
  return `layer${index}_layer(${given.join(', ')});`;
}

function kernel(name: string, layers: readonly LayerCode[], body: string): string {
  const sizes = layers.flatMap(({ output }, index) => (output ? [`layer${index}_localBytes`] : []));
  const largest = sizes.reduce((a, b) => `((${a}) > (${b}) ? (${a}) : (${b}))`);
  return [
    `__kernel __attribute__((reqd_work_group_size(${WORK_ITEMS}, 1, 1))) void ${name}(${PARAMETERS}) {`,
    `  __local __attribute__((aligned(128))) uchar local_[${largest}];`,
    `  ${body}`,
    '}',
  ].join('\n');
}

/** Zeros for margins and for what fills up quads, once before the first batch. */
const CLEAR = [
  '__kernel void clear(__global uint4* data, ulong quads) {',
  '  for (ulong i = get_global_id(0); i < quads; i += get_global_size(0)) data[i] = (uint4)(0);',
  '}',
].join('\n');
