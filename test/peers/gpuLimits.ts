/** What a GPU gives at most, measured beside the figures that are held against it, and what that leaves a network. */
import type { Plan, Step } from '../../core/network/plan';
import { activationBits, type Precision } from '../../core/network/precision';
import { elements } from '../../core/network/shapes';
import { readKernelSource } from '../../main/devices/opencl/kernelSource';
import {
  architectureOf,
  buildForMatrixUnits,
  WARPGROUPS,
} from '../../main/devices/opencl/nvidia/architecture';
import type { Command, Context, Queue } from '../../native';

/** Rates of the instruction that is fastest, and of a copy, bytes read and written both counted. */
export interface GpuLimits {
  bitTops: number;
  halfTops: number;
  memoryGbPerS: number;
}

const WORK_ITEMS = 128;
/** As in kernels/nvidia/peaks.cl. */
const PRODUCTS = 8;
const GROUPS_A_UNIT = 4;
const ROUNDS = 4000;
const COPY_BYTES = 1 << 30;
const REPEATS = 5;

/** Multiply-adds of a work-group's product: four warps of 16 x 8, or one warp group of 64 x 64, K deep. */
const KERNELS = [
  { name: 'bits', rate: 'bitTops', multiplyAdds: 4 * 16 * 8 * 256, warpgroups: false },
  { name: 'halves', rate: 'halfTops', multiplyAdds: 4 * 16 * 8 * 16, warpgroups: false },
  { name: 'bitsOfWarpgroups', rate: 'bitTops', multiplyAdds: 64 * 64 * 256, warpgroups: true },
  { name: 'halvesOfWarpgroups', rate: 'halfTops', multiplyAdds: 64 * 64 * 16, warpgroups: true },
] as const;

export async function measureLimits(context: Context, queue: Queue): Promise<GpuLimits> {
  const workshop = {
    context,
    queue,
    buildProgram: (source: string, options: string) => context.buildProgram(source, options),
  };
  const withWarpgroups = (await architectureOf(workshop)) === WARPGROUPS;
  const text = readKernelSource('nvidia/ptx.cl', 'fp16/halves.cl', 'nvidia/peaks.cl');
  const source = `#define RELU 0\n#define WARPGROUPS ${Number(withWarpgroups)}\n${text}`;
  const program = await buildForMatrixUnits(workshop, source, withWarpgroups, GROUPS_A_UNIT);
  const [from, to] = [context.createBuffer(COPY_BYTES), context.createBuffer(COPY_BYTES)];
  const shortestMs = async (
    name: string,
    global: number,
    local: number | null,
    counts: { int: number }[],
  ) => {
    const kernel = program.createKernel(name);
    try {
      kernel.setArguments(name === 'copy' ? [from, to] : [to, ...counts]);
      const command: Command = { kind: 'kernel', kernel, global: [global], ...(local && { local: [local] }) };
      const { deviceNs } = await queue.run([command], { repeats: REPEATS });
      if (!deviceNs) throw new Error('the profiling queue gave no times');
      return Math.min(...deviceNs) / 1e6;
    } finally {
      kernel.release();
    }
  };
  try {
    const limits: GpuLimits = { bitTops: 0, halfTops: 0, memoryGbPerS: 0 };
    const groups = context.device.info.computeUnits * GROUPS_A_UNIT;
    for (const { name, rate, multiplyAdds, warpgroups } of KERNELS) {
      if (warpgroups && !withWarpgroups) continue;
      const ms = await shortestMs(name, groups * WORK_ITEMS, WORK_ITEMS, [{ int: ROUNDS }]);
      const operations = 2 * multiplyAdds * PRODUCTS * ROUNDS * groups;
      limits[rate] = Math.max(limits[rate], operations / (ms * 1e9));
    }
    limits.memoryGbPerS = (2 * COPY_BYTES) / (await shortestMs('copy', COPY_BYTES / 16, null, [])) / 1e6;
    return limits;
  } finally {
    from.release();
    to.release();
    program.release();
  }
}

/**
 * No batch can take less: its products at the chip's rate, an activation of b bits taking b products of one bit; or its
 * images, weights and logits through memory, each once. Null where the matrix units have nothing to do with it.
 */
export function leastMs(
  plan: Plan,
  precision: Precision,
  batchSize: number,
  limits: GpuLimits,
): number | null {
  if (precision === 'fp32') return null;
  const bits = activationBits(precision);
  const operations = 2 * batchSize * plan.steps.reduce((sum, step) => sum + multiplyAdds(step), 0);
  const productMs = bits === null ? operations / limits.halfTops : (operations * bits) / limits.bitTops;
  const weightBytes = plan.steps.reduce((sum, step) => sum + weights(step) * (bits === null ? 2 : 1 / 8), 0);
  const bytes = weightBytes + batchSize * (elements(plan.input) + 4 * plan.classes);
  return Math.max(productMs / 1e9, bytes / (limits.memoryGbPerS * 1e6));
}

function multiplyAdds(step: Step): number {
  const positions = step.kind === 'convolution' ? step.convolved.height * step.convolved.width : 1;
  return positions * weights(step);
}

function weights(step: Step): number {
  return step.kind === 'pool' || step.kind === 'affine'
    ? 0
    : step.weights.shape.reduce((product, size) => product * size, 1);
}
