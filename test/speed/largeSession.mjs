#!/usr/bin/env node
/**
 * `node test/speed/largeSession.mjs [RUNS] [IMAGES]`: makes a session of so many runs (500 of 10,000 images) and
 * prints how long each part of its way to the results takes. It asserts nothing: times belong to a machine.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectFolder } from '../../setup/steps.mjs';

const outfile = join(projectFolder, 'dist', 'main', 'large-session.cjs');
await build({
  absWorkingDir: projectFolder,
  entryPoints: ['test/speed/measure.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
});
createRequire(import.meta.url)(outfile);
