/** A report as a LaTeX document of its own, with tables in the manner of booktabs. */
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

const PREAMBLE = String.raw`\documentclass[a4paper,9pt]{extarticle}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage[landscape,margin=12mm]{geometry}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\setlength{\tabcolsep}{3pt}
\setlength{\LTleft}{0pt}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash\hspace{0pt}}p{#1}}
\newcolumntype{R}[1]{>{\raggedleft\arraybackslash\hspace{0pt}}p{#1}}
\begin{document}
`;

/** What the columns of a page share, less the gaps between them. */
const PAGE_MM = 271;

export function latexReport(content: ReportContent): string {
  const { session, runs, failures } = content;
  const marks = guardMarks(content);
  return [
    PREAMBLE,
    `\\section*{${latexText(session.name)}}\n`,
    ...(runs.length > 0
      ? [table(runColumns(content), runs), `Baseline:\n${list(baselineNames(content))}`]
      : []),
    ...(marks.length > 0
      ? ['\\subsection*{Not alike}\n', `Against the baseline on the same data set:\n${list(marks)}`]
      : []),
    ...(failures.length > 0 ? ['\\subsection*{Failed}\n', table(FAILURE_COLUMNS, failures)] : []),
    ...detailTables(content).flatMap(({ title, notes, columns, rows }) => [
      `\\subsection*{${latexText(title, true)}}\n`,
      table(columns, rows),
      list(notes),
    ]),
    '\\subsection*{Made with}\n',
    list(provenance(session).map(([name, text]) => `${name}: ${text}`)),
    '\\end{document}\n',
  ].join('\n');
}

function list(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => `\\item ${latexText(line, true)}`);
  return `\\begin{itemize}\n${items.join('\n')}\n\\end{itemize}\n`;
}

/** Columns are as wide as their longest word asks for, shares of the page. */
function table<Row>(columns: readonly ReportColumn<Row>[], rows: readonly Row[]): string {
  const weights = columns.map(({ head, text }) => {
    const longest = Math.max(...rows.map((row) => text(row).length));
    return Math.min(26, Math.max(5, longest, ...head.split(' ').map((word) => word.length)));
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  const gaps = 2.2 * columns.length;
  const shape = columns.map(({ number }, i) => {
    const width = (((PAGE_MM - gaps) * weights[i]!) / sum).toFixed(1);
    return `${number ? 'R' : 'L'}{${width}mm}`;
  });
  const line = (cells: string[]) => `${cells.join(' & ')} \\\\`;
  return [
    `\\begin{longtable}{@{}${shape.join('')}@{}}`,
    '\\toprule',
    line(columns.map(({ head }) => latexText(head))),
    '\\midrule',
    '\\endhead',
    '\\bottomrule',
    '\\endfoot',
    ...rows.map((row) => line(columns.map(({ text }) => latexText(text(row), true)))),
    '\\end{longtable}\n',
  ].join('\n');
}

const COMMANDS: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  "'": '\\textquotesingle{}',
  '`': '\\textasciigrave{}',
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
  '-': '-{}',
  '±': '\\textpm{}',
  '−': '\\ensuremath{-}',
  '≠': '\\ensuremath{\\neq}',
  '–': '\\textendash{}',
  '—': '\\textemdash{}',
  '…': '\\ldots{}',
  '×': '\\texttimes{}',
  µ: '\\textmu{}',
  '’': '{\\textquoteright}',
};

/**
 * Text without effect. What the fonts of a plain installation lack stands as its code point.
 *
 * @param breakable long words may be broken after any stretch of twelve characters
 */
export function latexText(text: string, breakable = false): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const parts = Array.from(line, (character) => {
    const command = COMMANDS[character];
    if (command !== undefined) return command;
    if (/[\x20-\x7E\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u00FF]/.test(character)) return character;
    return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
  if (!breakable) return parts.join('');
  let sinceSpace = 0;
  return parts
    .map((part) => {
      sinceSpace = part === ' ' ? 0 : sinceSpace + 1;
      return sinceSpace > 0 && (sinceSpace % 12 === 0 || part === '-{}' || part === '\\_')
        ? `${part}\\allowbreak{}`
        : part;
    })
    .join('');
}
