/**
 * `npm run docs:performance -- SESSION.json...` writes docs/performance.md, or docs/performance-gpu.md from files of
 * bench:gpu; `--output FILE` another page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WorkbenchError } from '../../core/errors';
import { parseSession } from '../../core/session/document';
import { applicationRoot } from '../../main/applicationRoot';
import { gpuPage, parseGpuComparison } from './gpuTable';
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
const files = paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const comparisons = files.flatMap(({ text }) => parseGpuComparison(text) ?? []);
if (comparisons.length > 0 && comparisons.length < files.length) {
  throw new WorkbenchError('usage', 'Files of bench:gpu and sessions of bench:peers make different pages', {
    remedy: 'Name either, and --output for the page.',
  });
}
const page = comparisons.length > 0 ? gpuPage(comparisons) : performancePage(files.map(sessionOf));
const target =
  values.output ??
  join(applicationRoot(), 'docs', comparisons.length > 0 ? 'performance-gpu.md' : 'performance.md');
writeFileSync(target, page);
console.log(target);

function sessionOf({ path, text }: { path: string; text: string }) {
  return parseSession(text, path);
}
