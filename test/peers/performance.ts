/** `npm run docs:performance -- SESSION.json...` writes docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { parseSession } from '../../core/session/document';
import { applicationRoot } from '../../main/applicationRoot';
import { performancePage } from './performanceTable';

const paths = process.argv.slice(2);
if (paths.length === 0) {
  throw new WorkbenchError('usage', 'No session was named', {
    remedy: 'Name the session.json that npm run bench:peers has written.',
  });
}
const sessions = paths.map((path) => parseSession(readFileSync(path, 'utf8'), path));
const target = join(applicationRoot(), 'docs', 'performance.md');
writeFileSync(target, performancePage(sessions));
console.log(target);
