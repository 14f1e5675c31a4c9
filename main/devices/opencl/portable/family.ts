/** The portable kernels as a family: fp32 on any device, any model, any batch. */
import type { Buffer, Command, Kernel, Program } from '../../../../native';
import type { KernelFamily, NetworkRequest, PreparedKernels, Workshop } from '../family';
import { Holdings } from '../holdings';
import { defineOptions, readKernelSource } from '../kernelSource';
import type { Launch } from './launch';
import { networkLaunches } from './launches';
import { activationBytes, memoryRefusal } from './memory';
import { portableTuning, type Tuning, workGroup } from './tuning';

export const portableFamily: KernelFamily = {
  id: 'portable',
  precisions: ({ info }) => (info.compilerAvailable ? ['fp32'] : []),
  refusal: ({ info }, { precision, plan, batchSize }) => {
    if (!info.compilerAvailable) return 'this device compiles no kernels';
    if (precision !== 'fp32') return `the portable kernels compute in fp32, not in ${precision}`;
    return memoryRefusal(networkLaunches(plan, batchSize, portableTuning(info)), batchSize, info);
  },
  prepare: async (workshop, request) => {
    const held = new Holdings();
    try {
      return await prepareLaunches(workshop, request, held);
    } catch (error) {
      held.release();
      throw error;
    }
  },
};

async function prepareLaunches(
  workshop: Workshop,
  { plan, batchSize }: NetworkRequest,
  held: Holdings,
): Promise<PreparedKernels> {
  const { context } = workshop;
  const tuning = portableTuning(context.device.info);
  const launches = networkLaunches(plan, batchSize, tuning);
  const input = held.keep(context.createBuffer(launches[0]!.inputExtent, 'read-only'));
  const outputs = activationBytes(launches, batchSize).map((bytes) => clearedBuffer(workshop, bytes, held));
  const commands: Command[] = [];
  for (const [index, launch] of launches.entries()) {
    const kernel = await loadKernel(workshop, launch, held);
    commands.push(
      recordLaunch(workshop, launch, kernel, [outputs[index - 1] ?? input, outputs[index]!], tuning, held),
    );
  }
  return {
    variant: 'portable fp32',
    input,
    logits: outputs[outputs.length - 1]!,
    commands,
    release: () => held.release(),
  };
}

/** Borders and spare space are zeros from the start, and stay so. */
export function clearedBuffer({ context, queue }: Workshop, bytes: number, held: Holdings): Buffer {
  const buffer = held.keep(context.createBuffer(bytes));
  const zeros = new Uint8Array(Math.min(bytes, 1 << 24));
  for (let offset = 0; offset < bytes; offset += zeros.length) {
    queue.write(buffer, zeros.subarray(0, Math.min(zeros.length, bytes - offset)), offset);
  }
  return buffer;
}

export async function loadKernel(workshop: Workshop, launch: Launch, held: Holdings): Promise<Kernel> {
  const source = readKernelSource(...launch.sources.map((file) => `portable/${file}`));
  const program: Program = held.keep(await workshop.buildProgram(source, defineOptions(launch.constants)));
  return held.keep(program.createKernel(launch.kernel));
}

/** Uploads the launch's parameters and sets its arguments. */
export function recordLaunch(
  { context, queue }: Workshop,
  launch: Launch,
  kernel: Kernel,
  [input, output]: [Buffer, Buffer],
  tuning: Tuning,
  held: Holdings,
): Command {
  const parameters = launch.parameters().map((values) => {
    const buffer = held.keep(context.createBuffer(values.byteLength, 'read-only'));
    queue.write(buffer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return buffer;
  });
  kernel.setArguments([input, ...parameters, output, ...launch.scalars.map((uint) => ({ uint }))]);
  const { global } = launch;
  if (!launch.tiled) return { kind: 'kernel', kernel, global };
  return { kind: 'kernel', kernel, global, local: workGroup(global, tuning, kernel.workGroup.maxSize) };
}
