/** The TypeScript of main/ as CommonJS bundles and the page of renderer/, into dist/. */
import { join } from 'node:path';
import { hashOf, isFresh, writeStamp } from './sources.mjs';
import { projectFolder, SetupError, step } from './steps.mjs';

const sources = [
  'core',
  'main',
  'renderer',
  'assets/icons',
  'native/index.d.ts',
  'setup',
  'vite.config.mts',
  'tsconfig.base.json',
  'package.json',
  'package-lock.json',
];
const stamp = 'dist/sources.sha256';

const entries = {
  cli: 'main/cli/main.ts',
  electron: 'main/electron/main.ts',
  preload: 'main/electron/preload.ts',
  'device-process': 'main/host/deviceProcess.ts',
};

async function bundleMain() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: projectFolder,
    entryPoints: entries,
    outdir: 'dist/main',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node16.17', // Electron 22's
    // As require(): Electron's own import() does not look into the archive of a package.
    supported: { 'dynamic-import': false },
    external: ['electron', 'onnxruntime-node', '@napi-rs/canvas', '*.node', './native/index.cjs'],
    sourcemap: true,
    logLevel: 'silent', // its messages come with the error
  });
}

async function bundleRenderer() {
  const { build } = await import('vite');
  const before = process.env.NODE_ENV;
  try {
    await build({ configFile: join(projectFolder, 'vite.config.mts'), logLevel: 'error' });
  } finally {
    // vite says `production` to this process, and so to every program that is started after it.
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** Builds what is older than its sources. */
export async function buildBundles() {
  const hash = hashOf(sources);
  if (isFresh(stamp, hash)) return;
  await step('builds the program and its window', async () => {
    try {
      await bundleMain();
      await bundleRenderer();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SetupError(`the sources do not build\n${reason}`, 'Correct them; `npm run check` says more.');
    }
  });
  writeStamp(stamp, hash);
}
