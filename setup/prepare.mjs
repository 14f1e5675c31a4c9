/** Everything between the packages of npm and a program that runs, told in a line a step. Safe to repeat. */
import { buildAddon } from './addon.mjs';
import { buildBundles } from './bundles.mjs';
import { prepareOpenCl } from './opencl.mjs';

/** These use no device, and doctor only looks. */
const withoutDevice = ['doctor', 'help', 'import', 'install', 'models', 'report'];

/** @param {string} [command] of the command line: the window has none */
export function usesDevice(command) {
  return command === undefined || !(withoutDevice.includes(command) || command.startsWith('-'));
}

/**
 * The addon, the bundles and an OpenCL device; what cannot be had is told, and left out.
 * @param {string} [command] as for {@link usesDevice}; doctor installs nothing
 */
export async function prepare(command) {
  const hasAddon = await buildAddon(command !== 'doctor');
  await buildBundles();
  if (hasAddon && usesDevice(command)) await prepareOpenCl();
}
