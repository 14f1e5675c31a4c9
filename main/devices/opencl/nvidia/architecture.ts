import type { Workshop } from '../family';

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
