/** Runs the tests that drive the real desktop program, as an unprivileged user with the sandbox on. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installOrAdvise } from './apt.mjs';
import { prepareElectron } from './electron.mjs';
import { runQuietly, runVisibly, SetupError } from './steps.mjs';
import { countTests } from './testCounts.mjs';
import { makeStage } from './unprivileged.mjs';
import { vitestCommand } from './vitest.mjs';

/** @returns {Promise<string[]>} what stands before a program that needs a screen */
async function virtualScreen() {
  if (process.platform !== 'linux') return [];
  const isThere = async () => (await runQuietly('xvfb-run', ['--help'])).code === 0;
  if (!(await isThere())) await installOrAdvise('a virtual screen', ['xvfb', 'xauth']);
  if (await isThere()) return ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'];
  throw new SetupError('the end-to-end tests need a virtual screen', 'Install it and run the tests again.');
}

/**
 * @param {string[]} words for vitest
 * @param {Record<string, string>} [environment] added
 * @param {string} [figures] the file to which the figures that the tests find out are added
 * @returns {Promise<import('./testCounts.mjs').Counts>}
 */
export async function testEndToEnd(words, environment = {}, figures) {
  const screen = await virtualScreen();
  const stage = await makeStage(await prepareElectron());
  try {
    const report = join(stage.scratch, 'end-to-end.json');
    // The other user may write here alone.
    const found = join(stage.scratch, 'figures');
    const vitest = vitestCommand(report, ['--project', 'e2e', ...words]);
    const [program = stage.node, ...args] = [...screen, stage.node, ...vitest];
    const exitCode = await runVisibly(program, args, {
      cwd: stage.checkout,
      ...stage.user,
      env: {
        ...process.env,
        ...environment,
        HOME: stage.home,
        BNNW_HOME: stage.home,
        BNNW_FIGURES: found,
        ELECTRON_OVERRIDE_DIST_PATH: dirname(stage.electron),
      },
    });
    if (figures !== undefined && existsSync(found)) appendFileSync(figures, readFileSync(found));
    return countTests(report, exitCode);
  } finally {
    stage.dispose();
  }
}
