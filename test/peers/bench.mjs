#!/usr/bin/env node
/**
 * `npm run bench:peers -- [--python PATH] [--model ID,…] [--batch N,…] [--samples N] [--quick]`: this engine and
 * the programs that people run instead, alternating in one run on the same images (measure.ts). Without --python
 * the peers go into an environment of their own in the cache folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheFolder } from '../../setup/folders.mjs';
import { projectFolder, runScript, SetupError, step } from '../../setup/steps.mjs';

const PEER_PACKAGES = ['torch==2.13.0', 'onnxruntime==1.32.0', 'onnx==1.23.2', 'numpy'];

/** @returns {Promise<string>} a Python that has the peers */
async function peerPython() {
  const { values } = parseArgs({ options: { python: { type: 'string' } }, strict: false });
  if (typeof values.python === 'string') return values.python;
  const folder = join(cacheFolder, 'peers');
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return python;
  await step('installs PyTorch and ONNX Runtime for the comparison', async () => {
    const commands = [
      ['python3', '-m', 'venv', folder],
      [python, '-m', 'pip', 'install', '--quiet', ...PEER_PACKAGES],
      ['touch', join(folder, 'complete')],
    ];
    for (const [program = '', ...args] of commands) {
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0)
        throw new SetupError(stderr || `${program} failed`, 'Give a Python that has them: --python PATH');
    }
  });
  return python;
}

await runScript(async () => {
  const { buildAddon } = await import('../../setup/addon.mjs');
  await buildAddon();
  process.env.BNNW_PEER_PYTHON = await peerPython();
  const outfile = join(projectFolder, 'dist', 'main', 'peers.cjs');
  await build({
    absWorkingDir: projectFolder,
    entryPoints: ['test/peers/measure.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node', '@napi-rs/canvas', '*.node', './native/index.cjs'],
    logLevel: 'warning',
  });
  createRequire(import.meta.url)(outfile);
  return undefined; // the comparison sets the exit code
});
