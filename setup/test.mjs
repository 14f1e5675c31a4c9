#!/usr/bin/env node
/**
 * `npm test`: sets up what is missing and runs all tests. `--full` classifies all 10,000 images with each model;
 * `--sanitize` runs the addon's tests once more, compiled with AddressSanitizer. Further arguments go to vitest.
 * The last line counts the tests of all runs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, run, runQuietly, runScript, runVisibly, SetupError, step } from './steps.mjs';
import { closingLine, countTests } from './testCounts.mjs';

const ourOptions = ['--full', '--sanitize'];
const isFull = process.argv.includes('--full');
const isSanitized = process.argv.includes('--sanitize');
const passedOn = process.argv.slice(2).filter((word) => !ourOptions.includes(word));

/**
 * @param {string[]} projects
 * @param {string} report
 */
function vitestArguments(projects, report) {
  return [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--passWithNoTests',
    '--configLoader=runner', // the default writes into node_modules, which another user may not
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...passedOn,
  ];
}

/** Once, here, rather than inside a test's time. */
async function fetchDatasets() {
  const cli = join(projectFolder, 'dist/main/cli.cjs');
  for (const name of ['mnist', 'cifar10']) {
    await step(`brings the data set ${name}`, () =>
      run(process.execPath, [cli, 'install', name], 'Check the network and run the tests again.'),
    );
  }
}

/** @param {string} report */
async function testHere(report) {
  const { poclEnvironment } = await import('./opencl.mjs');
  const exitCode = await runVisibly(process.execPath, vitestArguments(['unit', 'opencl'], report), {
    env: { ...process.env, ...poclEnvironment(), ...(isFull ? { BNNW_TEST_FULL: '1' } : {}) },
  });
  return countTests(report, exitCode);
}

/**
 * The addon's tests with every wrong access to memory made an error; native/README.md says more.
 * @param {string} report
 */
async function testSanitized(report) {
  const { poclEnvironment } = await import('./opencl.mjs');
  const remedy = 'native/README.md says what the build needs.';
  await step('builds the OpenCL addon with AddressSanitizer', () =>
    run(process.execPath, ['native/build.mjs', '--debug'], remedy),
  );
  const library = await run('gcc', ['-print-file-name=libasan.so'], remedy);
  const exitCode = await runVisibly(
    process.execPath,
    [...vitestArguments(['opencl'], report), 'test/native'],
    {
      env: {
        ...process.env,
        ...poclEnvironment(),
        BNNW_NATIVE_CONFIGURATION: 'Debug',
        LD_PRELOAD: library.trim(),
        ASAN_OPTIONS: 'detect_leaks=0', // V8 frees nothing at its end; the tests count handles instead
      },
    },
  );
  return countTests(report, exitCode);
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
    const [program, ...args] = [...screen, stage.node, ...vitestArguments(['e2e'], report)];
    const exitCode = await runVisibly(program ?? stage.node, args, {
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
  const { buildAddon } = await import('./addon.mjs');
  const { buildBundles } = await import('./bundles.mjs');
  const { preparePocl } = await import('./opencl.mjs');
  await buildAddon();
  await buildBundles();
  await preparePocl();
  await fetchDatasets();
  const reports = mkdtempSync(join(tmpdir(), 'bnnw-tests-'));
  try {
    const runs = [await testHere(join(reports, 'here.json'))];
    if (isSanitized) runs.push(await testSanitized(join(reports, 'sanitized.json')));
    runs.push(await testEndToEnd());
    process.stdout.write(`${closingLine(runs)}\n`);
    return runs.every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true });
  }
});
