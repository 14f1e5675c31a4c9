import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { closingLine, countTests } from '../../setup/testCounts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bnnw-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A report as vitest writes it, one list of test states for each file. */
function report(...files: { status: string; tests: string[] }[]): string {
  const path = join(folder, `${Math.random()}.json`);
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((state) => ({ status: state })),
  }));
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

it('counts the tests of all files', () => {
  const path = report(
    { status: 'passed', tests: ['passed', 'passed', 'skipped'] },
    { status: 'failed', tests: ['passed', 'failed', 'todo'] },
  );
  expect(countTests(path, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

it('counts a file that failed before its tests', () => {
  expect(countTests(report({ status: 'failed', tests: [] }), 1)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});

it('never reads a broken run as a good one', () => {
  expect(countTests(join(folder, 'no such report.json'), 0).failed).toBe(1);
  expect(countTests(report({ status: 'passed', tests: ['passed'] }), 1).failed).toBe(1);
});

it('closes with one line over all runs', () => {
  const first = { passed: 10, failed: 0, skipped: 0 };
  expect(closingLine([first, { passed: 5, failed: 1, skipped: 0 }])).toBe('15 passed, 1 failed');
  expect(closingLine([first, { passed: 0, failed: 0, skipped: 2 }])).toBe('10 passed, 0 failed, 2 skipped');
});
