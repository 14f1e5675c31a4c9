import type { KernelFamily } from './family';
import { portableFamily } from './portable/family';

/** In order of preference: the first that can run a network does. */
export const FAMILIES: readonly KernelFamily[] = [portableFamily];
