#!/usr/bin/env node
/**
 * `npm run trust -- real [--trials N] [--trials-per-pair N] [--rounds N]`: how often interleaved runs on this machine's
 * CPU device are told apart, where they are equal and where one is 3 % slower. `npm run trust -- bookkeeping [--pairs N] [--model ID] [--precision P]`:
 * what all bookkeeping adds to the bare native loop. Simulated trials and coverage are in the unit tests.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectFolder, runScript } from '../../setup/steps.mjs';

const SCRIPTS = ['real', 'bookkeeping'];

await runScript(async () => {
  const [name = ''] = process.argv.slice(2);
  if (!SCRIPTS.includes(name)) throw new Error(`give one of ${SCRIPTS.join(', ')}`);
  const outfile = join(projectFolder, 'dist', 'main', `trust-${name}.cjs`);
  await build({
    absWorkingDir: projectFolder,
    entryPoints: [`test/trust/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node', '@napi-rs/canvas', '*.node', './native/index.cjs'],
    logLevel: 'error',
  });
  createRequire(import.meta.url)(outfile);
  return undefined;
});
