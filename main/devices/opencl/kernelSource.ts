/** Kernels as text: their files in kernels/ and the constants that the host gives them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationRoot } from '../../applicationRoot';

/** Files in kernels/, one after another: `portable/tile.cl`. */
export function readKernelSource(...files: string[]): string {
  return files.map((file) => readFileSync(join(applicationRoot(), 'kernels', file), 'utf8')).join('\n');
}

/** Build options: `-DNAME=value -D…`. */
export function defineOptions(constants: Record<string, number>): string {
  return Object.entries(constants)
    .map(([name, value]) => `-D${name}=${value}`)
    .join(' ');
}
