#!/usr/bin/env node
/**
 * `npm test`: sets up what is missing and runs all tests. `--full` classifies all 10,000 images with each model;
 * `--checkers` also watches the addon and the kernels for wrong accesses to memory, and brings the FPGA emulator,
 * whose tests are skipped without it. Further arguments go to vitest. The last line counts the tests of all runs.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, run, runQuietly, runScript, runVisibly, SetupError, step } from './steps.mjs';
import { closingLine, countTests } from './testCounts.mjs';
import { runVitest, vitestCommand } from './vitest.mjs';

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

/** @returns {Promise<string[]>} what stands before a program that needs a screen */
async function virtualScreen() {
  if (process.platform !== 'linux') return [];
  const { installOrAdvise } = await import('./apt.mjs');
  const isThere = async () => (await runQuietly('xvfb-run', ['--help'])).code === 0;
  if (!(await isThere())) await installOrAdvise('a virtual screen', ['xvfb', 'xauth']);
  if (await isThere()) return ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'];
  throw new SetupError('the end-to-end tests need a virtual screen', 'Install it and run the tests again.');
}

/** Drives the real desktop program, as an unprivileged user with the sandbox on. */
async function testEndToEnd() {
  const { prepareElectron } = await import('./electron.mjs');
  const { makeStage } = await import('./unprivileged.mjs');
  const screen = await virtualScreen();
  const stage = await makeStage(await prepareElectron());
  try {
    const report = join(stage.scratch, 'end-to-end.json');
    const vitest = vitestCommand(report, ['--project', 'e2e', ...passedOn]);
    const [program = stage.node, ...args] = [...screen, stage.node, ...vitest];
    const exitCode = await runVisibly(program, args, {
      cwd: stage.checkout,
      ...stage.user,
      env: {
        ...process.env,
        HOME: stage.home,
        BNNW_HOME: stage.home,
        ELECTRON_OVERRIDE_DIST_PATH: dirname(stage.electron),
      },
    });
    return countTests(report, exitCode);
  } finally {
    stage.dispose();
  }
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
    runs.push(await testEndToEnd());
    process.stdout.write(`${closingLine(runs)}\n`);
    return runs.every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true });
  }
});
