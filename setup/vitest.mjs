/** How the test runner is called: on the screen for a person, and as a report to be counted. */
import { runVisibly } from './steps.mjs';
import { countTests } from './testCounts.mjs';

/**
 * @param {string} report where vitest writes its JSON
 * @param {string[]} args
 */
export function vitestCommand(report, args) {
  return [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--passWithNoTests', // a filter may fit no test of one project
    '--configLoader=runner', // the default writes into node_modules, which another user may not
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ];
}

/**
 * @param {string} report
 * @param {string[]} args
 * @param {Record<string, string>} environment added to this process's
 * @returns {Promise<import('./testCounts.mjs').Counts>}
 */
export async function runVitest(report, args, environment) {
  const env = { ...process.env, ...environment };
  const exitCode = await runVisibly(process.execPath, vitestCommand(report, args), { env });
  return countTests(report, exitCode);
}
