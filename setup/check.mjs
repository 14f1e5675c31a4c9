#!/usr/bin/env node
/** `npm run check`: everything that can be said about the sources without running them. A line a step. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, runQuietly, runScript } from './steps.mjs';

const rooms = ['core', 'main', 'renderer', 'setup'];

/** @type {[title: string, program: string, ...args: string[]][]} */
const checks = [
  ['format and lint', '@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off'],
  ['types of core', 'typescript/bin/tsc', '-p', 'core'],
  ['types of main', 'typescript/bin/tsc', '-p', 'main'],
  ["types of main with Electron 22's", 'typescript/bin/tsc', '-p', 'main/electron/tsconfig.electron22.json'],
  ['types of renderer', 'vue-tsc/bin/vue-tsc.js', '-p', 'renderer'],
  ['types of setup', 'typescript/bin/tsc', '-p', 'setup'],
  ['types of test', 'typescript/bin/tsc', '-p', 'test'],
  [
    'arrows between rooms',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    ...rooms,
  ],
];

await runScript(async () => {
  await installDependencies();
  let failures = 0;
  const waiting = [...checks];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const [title, program, ...args] = check;
      const path = join(projectFolder, 'node_modules', program);
      const { code, output } = await runQuietly(process.execPath, [path, ...args]);
      if (code !== 0) failures += 1;
      process.stdout.write(code === 0 ? `ok      ${title}\n` : `FAILED  ${title}\n${output}\n`);
    }
  };
  await Promise.all(cpus().slice(0, 4).map(worker));
  return failures === 0 ? 0 : 1;
});
