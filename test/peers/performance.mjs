#!/usr/bin/env node
/** Bundles and runs performance.ts. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectFolder, runScript } from '../../setup/steps.mjs';

await runScript(async () => {
  const outfile = join(projectFolder, 'dist', 'main', 'performance.cjs');
  await build({
    absWorkingDir: projectFolder,
    entryPoints: ['test/peers/performance.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  createRequire(import.meta.url)(outfile);
  return undefined;
});
