/** Everything between the packages of npm and a program that runs, told in a line a step. Safe to repeat. */
import { buildAddon } from './addon.mjs';
import { buildBundles } from './bundles.mjs';
import { prepareOpenCl } from './opencl.mjs';

/** The addon, the bundles and an OpenCL device; what cannot be had is told, and left out. */
export async function prepare() {
  const hasAddon = await buildAddon();
  await buildBundles();
  if (hasAddon) await prepareOpenCl();
}
