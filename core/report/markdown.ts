/** A report as GitHub-flavoured Markdown. Texts of models, devices and sessions are shown, never interpreted. */
import {
  baselineNames,
  FAILURE_COLUMNS,
  guardMarks,
  provenance,
  type ReportColumn,
  runColumns,
} from './columns';
import type { ReportContent } from './content';
import { detailTables } from './details';

export function markdownReport(content: ReportContent): string {
  const { session, runs, failures } = content;
  const marks = guardMarks(content);
  return [
    `# ${markdownText(session.name)}`,
    ...(runs.length > 0
      ? [table(runColumns(content), runs), `Baseline ${list(baselineNames(content))}`.trim()]
      : []),
    ...(marks.length > 0 ? ['## Not alike', 'Against the baseline on the same data set:', list(marks)] : []),
    ...(failures.length > 0 ? ['## Failed', table(FAILURE_COLUMNS, failures)] : []),
    ...detailTables(content).flatMap(({ title, notes, columns, rows }) => [
      `## ${markdownText(title)}`,
      table(columns, rows),
      list(notes),
    ]),
    '## Made with',
    list(provenance(session).map(([name, text]) => `${name}: ${text}`)),
  ]
    .join('\n\n')
    .concat('\n');
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${markdownText(line)}`).join('\n');
}

/**
 * Text without effect: every character that Markdown or HTML could act on is escaped, and what would become
 * a link by itself is a code span, which is never linked.
 */
export function markdownText(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (/:\/\/|www\.|@/i.test(line)) return codeSpan(line);
  return line.replace(/[\\`*_[\]<>#|~&$!]/g, (character) => `\\${character}`);
}

function codeSpan(line: string): string {
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line.replaceAll('|', '\\|')} ${fence}`;
}

function table<Row>(columns: readonly ReportColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ head }) => head),
    columns.map(({ number }) => (number ? '---:' : '---')),
    ...rows.map((row) => columns.map(({ text }) => markdownText(text(row)))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
