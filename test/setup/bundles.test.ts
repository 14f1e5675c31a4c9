import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { applicationRoot } from '../../main/applicationRoot';

it('leaves the environment as it was, for what setup starts next', () => {
  const { NODE_ENV: _, ...environment } = process.env;
  // Without its stamp the program is built again.
  rmSync(join(applicationRoot(), 'dist/sources.sha256'), { force: true });
  const told = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      "const { buildBundles } = await import('./setup/bundles.mjs');" +
        "await buildBundles(); console.log('NODE_ENV=' + process.env.NODE_ENV)",
    ],
    { cwd: applicationRoot(), encoding: 'utf8', env: environment },
  );
  expect(told).toContain('NODE_ENV=undefined');
}, 120_000);
