import { cpuFamily } from './cpu/family';
import type { KernelFamily } from './family';
import { fp16Family } from './fp16/family';
import { boardFamily } from './fpga/board';
import { emulatorFamily } from './fpga/emulator';
import { portableIntegerFamily } from './integer/family';
import { nvidiaFamily } from './nvidia/family';
import { portableFamily } from './portable/family';

/** In order of preference: the first that can run a network does. */
export const FAMILIES: readonly KernelFamily[] = [
  cpuFamily,
  nvidiaFamily,
  fp16Family,
  emulatorFamily,
  boardFamily,
  portableIntegerFamily,
  portableFamily,
];
