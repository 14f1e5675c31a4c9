/** Programs of tests, bundled as the real ones are, and folders for them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import { applicationRoot } from '../../../main/applicationRoot';

/** Bundles a script as `npm run build` does with the real one. Returns the bundle's path. */
export function bundle(script: string, folder: string): string {
  const outfile = join(folder, basename(script).replace(/\.ts$/, '.cjs'));
  buildSync({
    entryPoints: [script],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    external: ['onnxruntime-node', '@napi-rs/canvas', '*.node', './native/index.cjs'],
  });
  return outfile;
}

/** A folder that a test file removes when it is done. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  return newFolder(tmpdir());
}

/** The same inside the project, for programs that look for its kernels, its addon or its package.json. */
export function programFolder(): { folder: string; remove: () => void } {
  const dist = join(applicationRoot(), 'dist');
  mkdirSync(dist, { recursive: true });
  return newFolder(dist);
}

function newFolder(parent: string): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(parent, 'bnnw-host-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
