/** Which instructions the CPU behind an OpenCL device has, asked of it by a kernel (kernels/cpu/probe.cl). */
import type { Device, Kernel } from '../../../../native';
import type { Workshop } from '../family';
import { Holdings } from '../holdings';
import { readKernelSource } from '../kernelSource';

export interface Processor {
  avx2: boolean;
  /** AVX-512 F, BW and VL. */
  avx512: boolean;
  avx512Vnni: boolean;
  /** Byte permutations over a whole register. */
  avx512Vbmi: boolean;
  /** Tile registers and their 8-bit products, granted to this process by the system. */
  amxInt8: boolean;
}

/** Only PoCL compiles clang's x86 builtins and assembly inside OpenCL C. */
export function compilesAssembly(device: Device): boolean {
  return (
    device.info.type === 'cpu' &&
    device.platform.info.name === 'Portable Computing Language' &&
    process.arch === 'x64'
  );
}

export async function processorOf(workshop: Workshop): Promise<Processor> {
  const held = new Holdings();
  try {
    const program = held.keep(await workshop.buildProgram(readKernelSource('cpu/probe.cl'), ''));
    const probe = held.keep(program.createKernel('probe'));
    const requestTiles = held.keep(program.createKernel('requestTiles'));
    const answer = held.keep(workshop.context.createBuffer(20));
    const bytes = new Uint8Array(20);
    const ask = async (kernel: Kernel) => {
      kernel.setArguments([answer]);
      await workshop.queue.run([{ kind: 'kernel', kernel, global: [1], local: [1] }], { repeats: 1 });
      workshop.queue.read(answer, bytes);
      return new Int32Array(bytes.buffer);
    };
    const processor = decode(await ask(probe));
    if (processor.amxInt8 && process.platform === 'linux') {
      processor.amxInt8 = (await ask(requestTiles))[0] === 0;
    }
    return processor;
  } finally {
    held.release();
  }
}

/** Bits by Intel's manual, volume 2, CPUID; volume 1, XCR0. */
function decode(words: Int32Array): Processor {
  const bit = (word: number, index: number) => ((words[word]! >>> index) & 1) === 1;
  const saved = (...indices: number[]) => indices.every((index) => bit(4, index));
  const avx512 = saved(1, 2, 5, 6, 7) && bit(0, 16) && bit(0, 30) && bit(0, 31);
  return {
    avx2: saved(1, 2) && bit(0, 5),
    avx512,
    avx512Vnni: avx512 && bit(1, 11),
    avx512Vbmi: avx512 && bit(1, 1),
    amxInt8: saved(17, 18) && bit(2, 24) && bit(2, 25),
  };
}
