/** A whole network on halves: kernels built side by side, memory planned once, a launch a layer. */
import type { Buffer, Command, Program } from '../../../../native';
import type { PreparedKernels, Workshop } from '../family';
import { Holdings } from '../holdings';
import { readKernelSource } from '../kernelSource';
import { buildForMatrixUnits, type Instruction } from '../nvidia/architecture';
import { clearedBuffer } from '../portable/family';
import type { Launch } from './launches';
import type { HalfLayout } from './layout';

/** Work-groups that share a compute unit: what product.cl has registers for. */
const GROUPS_A_UNIT = 2;

type KernelCommand = Extract<Command, { kind: 'kernel' }>;

export interface Fp16Network extends PreparedKernels {
  /** Of the launches that write one, in order; none is overwritten within a batch. */
  readonly activations: { buffer: Buffer; layout: HalfLayout }[];
}

export async function prepareLaunches(
  workshop: Workshop,
  launches: readonly Launch[],
  instruction: Instruction,
  inputBytes: number,
): Promise<Fp16Network> {
  const held = new Holdings();
  try {
    const { context, queue } = workshop;
    const programs = await buildPrograms(workshop, launches, held);
    const input = held.keep(context.createBuffer(inputBytes, 'read-only'));
    const outputs = launches.map(({ outputBytes }) => clearedBuffer(workshop, outputBytes, held));
    const commands = launches.map((launch, index): KernelCommand => {
      const kernel = held.keep(programs[index]!.createKernel(launch.kernel));
      const operands = launch.operands().map((bytes) => {
        const buffer = held.keep(context.createBuffer(bytes.length, 'read-only'));
        queue.write(buffer, bytes);
        return buffer;
      });
      const counts = launch.counts.map((int) => ({ int }));
      kernel.setArguments([outputs[index - 1] ?? input, ...operands, outputs[index]!, ...counts]);
      const { global, local } = launch;
      return { kind: 'kernel', kernel, global, ...(local && { local }) };
    });
    const lastIndex = launches.length - 1;
    const logitsArgument = 1 + launches[lastIndex]!.operands().length;
    return {
      variant: `NVIDIA ${instruction} on halves, fp16`,
      input,
      logits: outputs[lastIndex]!,
      commands,
      commandsOn: (otherInput, otherLogits) =>
        commands.map((command, index) => ({
          ...command,
          arguments: [
            ...(index === 0 ? [{ index: 0, value: otherInput }] : []),
            ...(index === lastIndex ? [{ index: logitsArgument, value: otherLogits }] : []),
          ],
        })),
      stepNames: launches.map(({ name }) => name),
      activations: launches.flatMap(({ output }, index) =>
        output ? [{ buffer: outputs[index]!, layout: output }] : [],
      ),
      release: () => held.release(),
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A program for each launch; one for those with the same source. */
async function buildPrograms(
  workshop: Workshop,
  launches: readonly Launch[],
  held: Holdings,
): Promise<Program[]> {
  const bySource = new Map<string, Promise<Program>>();
  const building = launches.map(({ files, constants }) => {
    const defines = Object.entries(constants).map(([name, value]) => `#define ${name} ${value}`);
    const source = [...defines, readKernelSource(...files)].join('\n');
    const known = bySource.get(source);
    if (known) return known;
    const program =
      constants.WARPGROUPS === undefined
        ? workshop.buildProgram(source, '')
        : buildForMatrixUnits(workshop, source, constants.WARPGROUPS === 1, GROUPS_A_UNIT);
    bySource.set(source, program);
    return program;
  });
  const built = await Promise.allSettled(building);
  for (const outcome of await Promise.allSettled(bySource.values()))
    if (outcome.status === 'fulfilled') held.keep(outcome.value);
  return built.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
