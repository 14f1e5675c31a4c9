/** A whole network on binary matrix instructions: memory planned once, one launch or a launch a layer. */
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { Command } from '../../../../native';
import type { PreparedKernels, Workshop } from '../family';
import { Holdings } from '../holdings';
import { type IntegerLayer, roundUp } from '../integer/layers';
import type { Activation } from '../integer/network';
import { buildForWarpgroups } from './architecture';
import { type Instruction, type LayerCode, lastLayerCode, layerCode } from './layers';
import { decodeActivations } from './layout';
import { type Entry, type LayerPlaces, networkSource, WORK_ITEMS } from './source';

/**
 * Work-groups for each compute unit. For the barrier of one launch all must be on the device at once, and two are:
 * of 128 work-items with up to 255 registers, and up to 48 KiB of local memory. Small kernels have room for more.
 */
const GROUPS_A_UNIT: Record<Entry, number> = { 'one launch': 2, 'a launch a layer': 16 };
/** Of everything in a buffer: a line of the caches. */
const ALIGNMENT = 128;

/** What may be chosen by measuring. */
export interface Variant {
  instruction: Instruction;
  entry: Entry;
}

export interface NvidiaNetwork extends PreparedKernels {
  /** Of each hidden layer, in order; all in one buffer, none overwritten within a batch. */
  readonly activations: (Activation & { offset: number; bytes: number })[];
}

export async function prepareNvidia(
  workshop: Workshop,
  plan: IntegerPlan,
  layers: readonly IntegerLayer[],
  batchSize: number,
  { instruction, entry }: Variant,
): Promise<NvidiaNetwork> {
  const held = new Holdings();
  try {
    const { context, queue } = workshop;
    const codes = [
      ...layers.map((layer) => layerCode(layer, plan.bits, instruction)),
      lastLayerCode(plan, layers.at(-1)!),
    ];
    const memory = planMemory(codes, plan, batchSize);
    const source = networkSource(codes, memory.places, plan.bits, entry);
    const program = held.keep(
      instruction === 'wgmma'
        ? await buildForWarpgroups(workshop, source)
        : await workshop.buildProgram(source, ''),
    );
    const constants = held.keep(context.createBuffer(memory.constants.length));
    queue.write(constants, memory.constants);
    const activations = held.keep(context.createBuffer(memory.activationBytes));
    const input = held.keep(context.createBuffer(batchSize * elements(plan.input)));
    const logits = held.keep(context.createBuffer(batchSize * plan.last.classes * 4));
    const state = held.keep(context.createBuffer(8));
    queue.write(state, new Uint8Array(8));
    const names = entry === 'one launch' ? ['network'] : codes.map((_, index) => `layer${index}`);
    const groups = GROUPS_A_UNIT[entry] * context.device.info.computeUnits;
    const commands = names.map((name): Command => {
      const kernel = held.keep(program.createKernel(name));
      kernel.setArguments([input, constants, activations, logits, state, { int: batchSize }]);
      return { kind: 'kernel', kernel, global: [groups * WORK_ITEMS], local: [WORK_ITEMS] };
    });
    return {
      variant: `NVIDIA ${instruction} bit planes, a${plan.bits}, ${entry}`,
      input,
      logits,
      commands,
      activations: layers.map(({ output }, index) => ({
        buffer: activations,
        offset: memory.places[index]!.output!,
        bytes: codes[index]!.outputBytes * batchSize,
        decode: (bytes, images) => decodeActivations(bytes, output, plan.bits, images),
      })),
      release: () => held.release(),
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

interface Memory {
  constants: Uint8Array;
  activationBytes: number;
  places: LayerPlaces[];
}

function planMemory(codes: readonly LayerCode[], plan: IntegerPlan, batchSize: number): Memory {
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  let constantBytes = 0;
  const constant = (bytes: Uint8Array): number => {
    const offset = constantBytes;
    parts.push({ offset, bytes });
    constantBytes += roundUp(bytes.length, ALIGNMENT);
    return offset;
  };
  const { inputTable } = plan;
  const table = constant(new Uint8Array(inputTable.buffer, inputTable.byteOffset, inputTable.byteLength));
  let activationBytes = 0;
  const places = codes.map((code, index): LayerPlaces => {
    const operands = code.operands.map(({ bytes }) => constant(bytes));
    const input =
      index === 0 ? null : activationBytes - roundUp(codes[index - 1]!.outputBytes * batchSize, ALIGNMENT);
    const output = index + 1 < codes.length ? activationBytes : null;
    if (output !== null) activationBytes += roundUp(code.outputBytes * batchSize, ALIGNMENT);
    return { operands, input, output, table: index === 0 ? table : null };
  });
  const constants = new Uint8Array(constantBytes);
  for (const { offset, bytes } of parts) constants.set(bytes, offset);
  return { constants, activationBytes, places };
}
