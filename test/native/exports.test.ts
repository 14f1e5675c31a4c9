import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { applicationRoot } from '../../main/applicationRoot';

it('offers every name to require and to import alike', () => {
  const names = (program: string) =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: join(applicationRoot(), 'native'),
        encoding: 'utf8',
      }),
    ) as string[];
  const required = names(
    "import { createRequire } from 'node:module';" +
      "console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + '/')('./index.cjs')).sort()))",
  );
  const imported = names("console.log(JSON.stringify(Object.keys(await import('./index.cjs')).sort()))");
  expect(imported.filter((name) => !['default', 'module.exports'].includes(name))).toEqual(required);
});
