/**
 * The commands of the vendors' compilers for a folder of generated kernels.
 *
 *   Intel   `aoc` makes an .aocx from the one source. `-rtl` stops before the hours of place and route and leaves
 *           the HTML report with loop intervals and areas; `-march=emulator` makes an image for the emulator.
 *           (Intel FPGA SDK for OpenCL Pro Edition Programming Guide.)
 *   AMD     `v++ -c` makes an object of each kernel, `v++ -l` links them to an .xclbin. `-t sw_emu` is for the
 *           emulator, which `emconfigutil` describes a card to; compiling alone leaves the estimates of the high-level
 *           synthesis. (Vitis, UG1393.)
 *
 * `v++` schedules for the clock that it is asked for, in both steps. `aoc` looks for the fastest clock by itself, and
 * the Standard Edition knows no such word: it is asked only where a person asks.
 *
 * Nobody has run them on a machine with a board yet: docs/fpga.md.
 */
import type { FpgaBoard } from '../../core/fpga/parts';
import { shellWord } from '../../core/shellWord';

/** What the compilers' images are called, each in a folder of its own build. */
export const IMAGE_FILES = ['network.aocx', 'network.xclbin'] as const;

export type BuildTarget = 'board' | 'emulator' | 'report';

export interface CompilerRun {
  program: 'aoc' | 'v++' | 'emconfigutil';
  words: string[];
}

export interface CompilerPlan {
  runs: CompilerRun[];
  /** Name of the image in the folder; null where only a report is made. */
  image: string | null;
  /** Prints the compiler's version. */
  version: CompilerRun;
  /** What to look at afterwards; null where the compiler reports nothing. */
  report: string | null;
}

export interface CompilerRequest {
  vendor: FpgaBoard['vendor'];
  /** As the SDK names it. */
  sdkBoard: string;
  target: BuildTarget;
  source: string;
  kernels: readonly string[];
  /** What a person asked for; null where nobody did. */
  clockMHz: number | null;
  /** The board's planned clock. */
  plannedClockMHz: number;
}

export function compilerPlan(request: CompilerRequest): CompilerPlan {
  return request.vendor === 'intel' ? aocPlan(request) : vitisPlan(request);
}

function aocPlan({ sdkBoard, target, source, clockMHz }: CompilerRequest): CompilerPlan {
  const clock = clockMHz === null ? [] : [`-clock=${clockMHz}MHz`];
  const words: Record<BuildTarget, string[]> = {
    board: [`-board=${sdkBoard}`, ...clock, '-report', source, '-o', 'network.aocx'],
    emulator: ['-march=emulator', source, '-o', 'network.aocx'],
    report: ['-rtl', '-report', `-board=${sdkBoard}`, ...clock, source, '-o', 'network.aocr'],
  };
  return {
    runs: [{ program: 'aoc', words: words[target] }],
    image: target === 'report' ? null : 'network.aocx',
    version: { program: 'aoc', words: ['-version'] },
    report: target === 'emulator' ? null : 'network/reports/report.html',
  };
}

function vitisPlan(request: CompilerRequest): CompilerPlan {
  const { sdkBoard, target, source, kernels } = request;
  const flow = target === 'emulator' ? 'sw_emu' : 'hw';
  const clock =
    target === 'emulator' ? [] : ['--kernel_frequency', String(request.clockMHz ?? request.plannedClockMHz)];
  const common = ['-t', flow, '--platform', sdkBoard, ...clock];
  const compiled = kernels.map((kernel): CompilerRun => {
    return { program: 'v++', words: ['-c', ...common, '-k', kernel, source, '-o', `${kernel}.xo`] };
  });
  const objects = kernels.map((kernel) => `${kernel}.xo`);
  const linked: CompilerRun = {
    program: 'v++',
    words: ['-l', ...common, ...objects, '-o', 'network.xclbin'],
  };
  const card: CompilerRun = { program: 'emconfigutil', words: ['--platform', sdkBoard, '--od', '.'] };
  // What takes seconds goes first, and the image comes last.
  const finished = target === 'emulator' ? [card, ...compiled, linked] : [...compiled, linked];
  return {
    runs: target === 'report' ? compiled : finished,
    image: target === 'report' ? null : 'network.xclbin',
    version: { program: 'v++', words: ['--version'] },
    report: '_x/reports',
  };
}

/** A command as a shell takes it. */
export function commandText({ program, words }: CompilerRun): string {
  return [program, ...words].map(shellWord).join(' ');
}
