/** A whole network on binary matrix instructions: memory planned once, one launch or a launch a layer. */
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { Buffer, Command, Program } from '../../../../native';
import type { PreparedKernels, Workshop } from '../family';
import { Holdings } from '../holdings';
import { type IntegerLayer, roundUp } from '../integer/layers';
import type { Activation } from '../integer/network';
import { buildForMatrixUnits, type Instruction } from './architecture';
import { type LayerCode, networkCode } from './layers';
import { activationBytes, decodeActivations, type Placement, sumBytes } from './layout';
import { type ActivationPlace, type Entry, type LayerPlaces, networkSource, WORK_ITEMS } from './source';

/** Work-groups for each compute unit where each layer has a launch of its own: no barrier holds them together. */
const GROUPS_OF_A_LAYER = 16;
/** Places of the input and the logits among a kernel's arguments (source.ts). */
const INPUT_ARGUMENT = 0;
const LOGITS_ARGUMENT = 3;
/** Of everything in a buffer: a line of the caches. */
const ALIGNMENT = 128;

/** What may be chosen by measuring. */
export interface Variant {
  instruction: Instruction;
  entry: Entry;
  /**
   * Work-groups that share a compute unit, each with as many registers as that leaves. For the barrier of one launch
   * all must be on the device at once.
   */
  groupsAUnit: 1 | 2 | 3 | 4 | 5;
}

type Launch = Extract<Command, { kind: 'kernel' }>;

export interface NvidiaNetwork extends PreparedKernels {
  /** Of each hidden layer, in order; all in one buffer, none overwritten within a batch. */
  readonly activations: (Activation & { offset: number; bytes: number })[];
}

export async function prepareNvidia(
  workshop: Workshop,
  plan: IntegerPlan,
  layers: readonly IntegerLayer[],
  batchSize: number,
  { instruction, entry, groupsAUnit }: Variant,
): Promise<NvidiaNetwork> {
  const held = new Holdings();
  try {
    const { context, queue } = workshop;
    const { computeUnits } = context.device.info;
    const target = { bits: plan.bits, instruction, batchSize, computeUnits };
    const codes = networkCode(plan, layers, target);
    const memory = planMemory(codes, plan, batchSize);
    const source = networkSource(codes, memory.places, plan.bits, entry);
    const program = held.keep(
      await buildForMatrixUnits(workshop, source, instruction === 'wgmma', groupsAUnit),
    );
    const constants = held.keep(context.createBuffer(memory.constants.length));
    queue.write(constants, memory.constants);
    const activations = held.keep(context.createBuffer(memory.activationBytes));
    await clear(workshop, program, activations);
    const input = held.keep(context.createBuffer(batchSize * elements(plan.input)));
    const logits = held.keep(context.createBuffer(batchSize * plan.last.classes * 4));
    const state = held.keep(context.createBuffer(8));
    queue.write(state, new Uint8Array(8));
    const names = entry === 'one launch' ? ['network'] : codes.map((_, index) => `layer${index}`);
    const groups = (entry === 'one launch' ? groupsAUnit : GROUPS_OF_A_LAYER) * computeUnits;
    const commands = names.map((name): Launch => {
      const kernel = held.keep(program.createKernel(name));
      kernel.setArguments([input, constants, activations, logits, state, { int: batchSize }]);
      return { kind: 'kernel', kernel, global: [groups * WORK_ITEMS], local: [WORK_ITEMS] };
    });
    const hidden = codes.flatMap((code, index) =>
      code.output && !code.files.includes('bytes.cl') ? [{ code, places: memory.places[index]! }] : [],
    );
    return {
      variant: `NVIDIA ${instruction} bit planes, a${plan.bits}, ${entry}, ${groupsAUnit} groups a unit`,
      input,
      logits,
      commands,
      commandsOn: (otherInput, otherLogits) =>
        commands.map((command) => ({
          ...command,
          arguments: [
            { index: INPUT_ARGUMENT, value: otherInput },
            { index: LOGITS_ARGUMENT, value: otherLogits },
          ],
        })),
      stepNames: entry === 'one launch' ? ['all layers'] : codes.map(({ name }) => name),
      activations: hidden.map(({ code, places }, index) => ({
        buffer: activations,
        offset: places.output!.planes,
        bytes: activationBytes(code.output!, batchSize),
        decode: (bytes, images) => decodeActivations(bytes, layers[index]!.output, code.output!, images),
      })),
      release: () => held.release(),
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

async function clear({ queue }: Workshop, program: Program, buffer: Buffer): Promise<void> {
  const kernel = program.createKernel('clear');
  try {
    kernel.setArguments([buffer, { ulong: BigInt(buffer.bytes / 16) }]);
    await queue.run([{ kind: 'kernel', kernel, global: [64 * 1024] }], { repeats: 1 });
  } finally {
    kernel.release();
  }
}

interface Memory {
  constants: Uint8Array;
  activationBytes: number;
  places: LayerPlaces[];
}

/** Of an activation and its sums. */
function placeBytes(output: Placement, batchSize: number): number {
  const parts = [activationBytes(output, batchSize), sumBytes(output, batchSize)];
  return parts.reduce((sum, bytes) => sum + roundUp(bytes, ALIGNMENT), 0);
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
  let end = 0;
  let input: ActivationPlace | null = null;
  const places = codes.map(({ operands, output }): LayerPlaces => {
    const written = output && {
      planes: end,
      sums: end + roundUp(activationBytes(output, batchSize), ALIGNMENT),
    };
    if (output) end += placeBytes(output, batchSize);
    const layer = {
      operands: operands.map(({ bytes }) => constant(bytes)),
      input,
      output: written,
      table: input ? null : table,
    };
    input = written;
    return layer;
  });
  const constants = new Uint8Array(constantBytes);
  for (const { offset, bytes } of parts) constants.set(bytes, offset);
  return { constants, activationBytes: end, places };
}
