// Builds build/Release/bnnw_opencl.node, or what changed of it. Further arguments go to node-gyp: `--debug`
// builds build/Debug/bnnw_opencl.node with sanitizers. Downloads nothing.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));

// npm hands its settings to node-gyp through the environment, where they win over arguments. A `nodedir` of
// the machine's must not replace ours: see gyp/common.gypi.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(package_)?config_(node_gyp_)?nodedir$/i.test(name)),
);
// binding.gyp asks `node` where the headers are.
const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
environment[pathName] = [path.dirname(process.execPath), environment[pathName] ?? ''].join(path.delimiter);

const { status, error } = spawnSync(
  process.execPath,
  [
    require.resolve('node-gyp/bin/node-gyp.js'),
    'configure',
    'build',
    '--nodedir=gyp',
    '--force-process-config',
    '--loglevel=warn',
    ...process.argv.slice(2),
  ],
  { cwd: here, env: environment, stdio: 'inherit' },
);
if (error) throw error;
process.exitCode = status ?? 1;
