#!/usr/bin/env node
/**
 * `npm run test:long`: what is too long for every day. Two parts run side by side, under an hour in all on two
 * cores; the figures come as one table at the end. `npm run test:long -- kills soak` runs these parts only.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAddonSanitized, testKernelsWatched } from './checkers.mjs';
import { testEndToEnd } from './endToEnd.mjs';
import { poclEnvironment } from './opencl.mjs';
import { run, runScript, SetupError } from './steps.mjs';
import { runVitest } from './vitest.mjs';

/** Of each format. */
const MUTATIONS = '100000';

const folder = mkdtempSync(join(tmpdir(), 'bnnw-long-'));
const figures = join(folder, 'figures');

/**
 * @param {string} name
 * @param {string[]} words for vitest
 * @param {Record<string, string>} [environment]
 */
function part(name, words, environment = {}) {
  const report = join(folder, `${name}.json`);
  const long = { BNNW_TEST_LONG: '1', BNNW_MUTATIONS: MUTATIONS, BNNW_FIGURES: figures };
  return runVitest(report, ['--testTimeout=3600000', ...words], {
    ...poclEnvironment(),
    ...long,
    ...environment,
  });
}

/** @type {Record<string, () => Promise<{ passed: number, failed: number, skipped: number }>>} */
const parts = {
  mutations: () => part('mutations', ['--project', 'unit', 'mutations', 'test/hostile/sessions']),
  memory: () => part('memory', ['--project', 'unit', 'test/hostile/memory']),
  kills: () => part('kills', ['--project', 'unit', 'test/storage']),
  window: () =>
    testEndToEnd(['test/e2e/killedWindow', '--testTimeout=3600000'], { BNNW_TEST_LONG: '1' }, figures),
  lies: () => part('lies', ['--project', 'unit', 'test/hostile/deviceProcess']),
  drivers: () => part('drivers', ['--project', 'opencl', 'test/devices/failingDriver']),
  soak: () => part('soak', ['--project', 'unit', 'test/hostile/soak']),
  addon: () =>
    testAddonSanitized(join(folder, 'addon.json'), ['test/native/cycles'], {
      BNNW_TEST_LONG: '1',
      BNNW_FIGURES: figures,
    }),
  kernels: testKernelsWatched,
};

/** @param {string[]} names one after another @param {Map<string, { minutes: number, failed: number }>} ended */
async function lane(names, ended) {
  for (const name of names) {
    const started = performance.now();
    const counts = await parts[name]?.();
    ended.set(name, { minutes: (performance.now() - started) / 60_000, failed: counts?.failed ?? 1 });
  }
}

/** @param {Map<string, { minutes: number, failed: number }>} ended */
function printTable(ended) {
  const lines = existsSync(figures) ? readFileSync(figures, 'utf8').trim().split('\n') : [];
  const rows = lines.filter(Boolean).map((line) => {
    /** @type {{ subject: string, what: string }} */
    const { subject, what } = JSON.parse(line);
    return [subject, what];
  });
  const width = Math.max(0, ...rows.map(([subject = '']) => subject.length));
  for (const [subject = '', what = ''] of rows) process.stdout.write(`${subject.padEnd(width)}  ${what}\n`);
  for (const [name, { minutes, failed }] of ended) {
    const outcome = failed === 0 ? 'passed' : `${failed} failed`;
    process.stdout.write(`part ${name}: ${outcome} in ${minutes.toFixed(1)} minutes\n`);
  }
}

await runScript(async () => {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !(name in parts));
  if (unknown)
    throw new SetupError(`there is no part ${unknown}`, `Choose of ${Object.keys(parts).join(', ')}.`);
  await run(process.execPath, ['setup/build.mjs'], 'Build the program first.');
  const isChosen = (/** @type {string} */ name) => chosen.length === 0 || chosen.includes(name);
  /** @type {Map<string, { minutes: number, failed: number }>} */
  const ended = new Map();
  try {
    await Promise.all([
      lane(['mutations', 'memory', 'kernels', 'soak', 'lies'].filter(isChosen), ended),
      lane(['kills', 'window', 'drivers', 'addon'].filter(isChosen), ended),
    ]);
    printTable(ended);
    return [...ended.values()].every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
