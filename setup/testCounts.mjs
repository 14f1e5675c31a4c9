/** Counts what vitest's JSON reports tell. */
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * A file that failed outside its tests counts as one failure, and so does a run that failed without saying
 * where, or left no report.
 * @param {string} report
 * @param {number} exitCode vitest's
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(report)) {
    /** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    for (const { status, assertionResults } of testResults) {
      const failed = assertionResults.filter((test) => test.status === 'failed').length;
      const passed = assertionResults.filter((test) => test.status === 'passed').length;
      counts.passed += passed;
      counts.failed += status === 'failed' ? Math.max(1, failed) : failed;
      counts.skipped += assertionResults.length - passed - failed;
    }
  }
  if (counts.failed === 0 && (exitCode !== 0 || !existsSync(report))) counts.failed = 1;
  return counts;
}

/** @param {Counts[]} runs */
export function closingLine(runs) {
  const sum = (/** @type {keyof Counts} */ key) => runs.reduce((total, run) => total + run[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped}`;
}
