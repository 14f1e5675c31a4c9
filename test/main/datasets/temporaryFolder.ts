import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * An empty folder, removed behind the tests of the file.
 * @param after inside of a test, its `onTestFinished`
 */
export function temporaryFolder(after: (remove: () => void) => void = afterAll): string {
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
