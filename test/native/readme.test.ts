import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

test('the example of the README prints what it says', () => {
  const native = path.resolve(import.meta.dirname, '../../native');
  const [, example] = /```js\n(.*?)```/s.exec(readFileSync(path.join(native, 'README.md'), 'utf8')) ?? [];
  const script = example!.replace("'bnnw-opencl'", JSON.stringify(native));
  const said = /console\.log.* \/\/ (.*)/.exec(script)?.[1];
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe(said);
});
