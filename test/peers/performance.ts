/** `npm run docs:performance -- SESSION.json...` writes docs/performance.md; `--output FILE` another page. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { parseSession } from '../../core/session/document';
import { applicationRoot } from '../../main/applicationRoot';
import { performancePage } from './performanceTable';

const { values, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: { output: { type: 'string' } },
});
if (paths.length === 0) {
  throw new WorkbenchError('usage', 'No session was named', {
    remedy: 'Name the session.json that npm run bench:peers has written.',
  });
}
const sessions = paths.map((path) => parseSession(readFileSync(path, 'utf8'), path));
const target = values.output ?? join(applicationRoot(), 'docs', 'performance.md');
writeFileSync(target, performancePage(sessions));
console.log(target);
