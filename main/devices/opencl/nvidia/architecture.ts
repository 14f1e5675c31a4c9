/** What the driver compiles for, and the way around it to instructions that OpenCL C cannot name. */
import type { Device, Program } from '../../../../native';
import type { Workshop } from '../family';

/** Hopper: the only one with wgmma. */
export const WARPGROUPS = 90;
/** What multiplies matrices: one warp, or four of them at once. */
export type Instruction = 'mma.sync' | 'wgmma';
/** Local memory that a work-group may have without asking, in bytes. */
export const LOCAL_BYTES = 48 * 1024;

export function isNvidia({ info, platform }: Device): boolean {
  return info.type === 'gpu' && platform.info.name === 'NVIDIA CUDA';
}

/**
 * The architecture that the driver compiles for, such as 90: its programs are PTX text that names it.
 * @throws Error where a program names none
 */
export async function architectureOf(workshop: Workshop): Promise<number> {
  const program = await workshop.buildProgram('__kernel void probe(__global int* x) { *x = 0; }', '');
  try {
    const target = /\.target\s+sm_(\d+)/.exec(Buffer.from(program.binary()).toString('latin1'));
    if (!target) throw new Error('a program of an NVIDIA device is no PTX');
    return Number(target[1]);
  } finally {
    program.release();
  }
}

/**
 * Builds a program for matrix units. A program's binary is PTX text, and the driver loads any; so the compiled text is
 * edited before it is loaded for two things that OpenCL C cannot say:
 * - that `groupsAUnit` work-groups shall fit on a compute unit, which caps the registers of a work-item;
 * - wgmma. The instruction exists for the target sm_90a only, and OpenCL C compiles for sm_90. The source has these
 *   instructions as comments, `//WG …`, whose marks are taken out here.
 * @throws OpenClError where the driver refuses it
 */
export async function buildForMatrixUnits(
  workshop: Workshop,
  source: string,
  withWarpgroups: boolean,
  groupsAUnit: number,
): Promise<Program> {
  const program = await workshop.buildProgram(source, '');
  try {
    const text = Buffer.from(program.binary()).toString('latin1');
    const capped = text.replace(/^\s*\.reqntid[^\n]*$/gm, `$&\n.minnctapersm ${groupsAUnit}`);
    const edited = withWarpgroups
      ? capped.replace(/\.target\s+sm_90\b/, '.target sm_90a').replaceAll('//WG ', '')
      : capped;
    return await workshop.context.loadProgram(Buffer.from(edited, 'latin1'), '');
  } finally {
    program.release();
  }
}
