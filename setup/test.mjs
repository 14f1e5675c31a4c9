#!/usr/bin/env node
/**
 * `npm test`: sets up what is missing and runs all tests. `--full` classifies all 10,000 images with each model;
 * `--checkers` also watches the addon and the kernels for wrong accesses to memory, and brings the FPGA emulator,
 * whose tests are skipped without it. Further arguments go to vitest. The last line counts the tests of all runs.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, run, runScript, step } from './steps.mjs';
import { closingLine } from './testCounts.mjs';
import { runVitest } from './vitest.mjs';

const isFull = process.argv.includes('--full');
const withCheckers = process.argv.includes('--checkers');
const passedOn = process.argv.slice(2).filter((word) => word !== '--full' && word !== '--checkers');

/** What the tests need besides the sources. */
async function prepareTests() {
  const { buildAddon } = await import('./addon.mjs');
  const { buildBundles } = await import('./bundles.mjs');
  const { preparePocl } = await import('./opencl.mjs');
  await buildAddon();
  await buildBundles();
  await preparePocl();
  if (withCheckers) await bringFpgaEmulator();
  const cli = join(projectFolder, 'dist/main/cli.cjs');
  for (const name of ['mnist', 'cifar10']) {
    await step(`brings the data set ${name}`, () =>
      run(process.execPath, [cli, 'install', name], 'Check the network and run the tests again.'),
    );
  }
}

async function bringFpgaEmulator() {
  const { installDriver } = await import('./driverPackages.mjs');
  const { cacheFolder } = await import('./folders.mjs');
  if (existsSync(join(cacheFolder, 'opencl/fpga-emulator/driver.json'))) return;
  await installDriver('fpga-emulator');
}

/** @param {string} report */
async function testHere(report) {
  const { poclEnvironment } = await import('./opencl.mjs');
  return runVitest(report, ['--project', 'unit', '--project', 'opencl', ...passedOn], {
    ...poclEnvironment(),
    ...(isFull ? { BNNW_TEST_FULL: '1' } : {}),
  });
}

await runScript(async () => {
  await installDependencies();
  await prepareTests();
  const reports = mkdtempSync(join(tmpdir(), 'bnnw-tests-'));
  try {
    const runs = [await testHere(join(reports, 'here.json'))];
    if (withCheckers) {
      const { testAddonSanitized, testKernelsWatched } = await import('./checkers.mjs');
      runs.push(await testAddonSanitized(join(reports, 'sanitized.json')), await testKernelsWatched());
    }
    const { testEndToEnd } = await import('./endToEnd.mjs');
    runs.push(await testEndToEnd(passedOn));
    process.stdout.write(`${closingLine(runs)}\n`);
    return runs.every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true });
  }
});
