#!/usr/bin/env node
/**
 * `npm run bench:gpu -- [--python PATH] [--model ID,…] [--batch N,…] [--precision P,…] [--samples N]
 * [--json FILE] [--no-peers]`: this engine on an NVIDIA GPU beside PyTorch in four forms, on the same images (gpu.ts). PATH is a
 * Python that has torch with CUDA.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectFolder, runScript } from '../../setup/steps.mjs';

await runScript(async () => {
  const { buildAddon } = await import('../../setup/addon.mjs');
  await buildAddon();
  const outfile = join(projectFolder, 'dist', 'main', 'gpu-peers.cjs');
  await build({
    absWorkingDir: projectFolder,
    entryPoints: ['test/peers/gpu.ts'],
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
