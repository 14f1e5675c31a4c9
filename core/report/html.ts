/**
 * A report as one HTML page that asks for nothing from anywhere: charts are SVG in it, its policy allows no script,
 * and its session is in it as JSON. Every text of a model, device or session is escaped.
 */
import { embedSession } from '../session/embedded';
import type { RunView } from '../session/view';
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
import { escapeMarkup } from './escapeMarkup';
import type { Figure } from './figures/figure';
import { figureNotes } from './figures/notes';
import { REPORT_STYLE, REPORT_STYLE_HASH } from './htmlStyle';

const SAID_ONCE = ['Scenario', 'Precision', 'Batch', 'Images'];

export interface HtmlParts {
  /** An SVG element of a figure. */
  draw(figure: Figure, baselineId: string | null): string;
  /** With the session inside, for the page to be opened again. */
  embed: boolean;
}

const POLICY = `default-src 'none'; style-src '${REPORT_STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

export function htmlReport(content: ReportContent, parts: HtmlParts): string {
  const { session, runs, failures, panels } = content;
  const title = session.name;
  const marks = guardMarks(content);
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(POLICY)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(title)}</title>\n<style>${REPORT_STYLE}</style>\n</head>\n<body>\n<main>`,
    `<h1>${escapeMarkup(title)}</h1>`,
    `<p class="quiet">${escapeMarkup(`${session.createdAt}, BNN Workbench ${session.program.version}`)}</p>`,
    ...panels.map(({ name, figures, baseline }) => {
      const drawn = figures.map((figure) => figureElement(figure, baseline?.id ?? null, parts));
      return `<section aria-label="${escapeMarkup(name)}">\n<h2>${escapeMarkup(name)}</h2>\n<div class="figures">\n${drawn.join('\n')}\n</div>\n</section>`;
    }),
    ...(runs.length > 0
      ? [
          '<h2>Runs</h2>',
          ...runTable(content),
          `<p class="quiet">Baseline: ${escapeMarkup(baselineNames(content).join('; '))}</p>`,
        ]
      : []),
    ...(marks.length > 0
      ? ['<h2>Not alike</h2>\n<p class="quiet">Against the baseline on the same data set:</p>', list(marks)]
      : []),
    ...(failures.length > 0 ? ['<h2>Failed</h2>', table(FAILURE_COLUMNS, failures)] : []),
    ...detailTables(content).map(({ title, notes, columns, rows }) =>
      [`<h2>${escapeMarkup(title)}</h2>`, table(columns, rows), list(notes)].join('\n'),
    ),
    '<h2>Made with</h2>',
    facts(provenance(session)),
    '</main>',
    ...(parts.embed ? [embedSession(session)] : []),
    '</body>\n</html>\n',
  ].join('\n');
}

/** A page of A4 has no room for columns that say the same in each row: they stand in a sentence. */
function runTable(content: ReportContent): string[] {
  const { runs } = content;
  const columns = runColumns(content);
  const isCommon = ({ head, text }: ReportColumn<RunView>) =>
    SAID_ONCE.includes(head) && new Set(runs.map(text)).size === 1;
  const common = columns.filter(isCommon).map(({ head, text }) => `${head.toLowerCase()} ${text(runs[0]!)}`);
  return [
    table(
      columns.filter((column) => !isCommon(column)),
      runs,
    ),
    ...(common.length > 0 ? [`<p class="quiet">All runs: ${escapeMarkup(common.join(', '))}</p>`] : []),
  ];
}

/** Drawings without room for the name of their axis have it above. */
function axisTitle(figure: Figure): string | null {
  switch (figure.type) {
    case 'rank':
    case 'distribution':
      return figure.axis.title;
    case 'grid':
      return figure.title;
    case 'trade-off':
    case 'lines':
      return null;
  }
}

function figureElement(figure: Figure, baselineId: string | null, { draw }: HtmlParts): string {
  const title = axisTitle(figure);
  const notes = figureNotes(figure, baselineId);
  return [
    `<figure>\n<h3>${escapeMarkup(figure.question)}</h3>`,
    ...(title === null ? [] : [`<p class="quiet">${escapeMarkup(title)}</p>`]),
    draw(figure, baselineId),
    ...(notes.length > 0
      ? [`<figcaption class="quiet">${escapeMarkup(notes.join(' · '))}</figcaption>`]
      : []),
    '</figure>',
  ].join('\n');
}

function table<Row>(columns: readonly ReportColumn<Row>[], rows: readonly Row[]): string {
  const cell = (tag: 'th scope="col"' | 'td', text: string, number: boolean | undefined) =>
    `<${tag}${number ? ' class="number"' : ''}>${escapeMarkup(text)}</${tag.slice(0, 2)}>`;
  const head = columns.map(({ head: name, number }) => cell('th scope="col"', name, number)).join('');
  const body = rows
    .map((row) => `<tr>${columns.map(({ text, number }) => cell('td', text(row), number)).join('')}</tr>`)
    .join('\n');
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

function list(lines: readonly string[]): string {
  return `<ul>\n${lines.map((line) => `<li>${escapeMarkup(line)}</li>`).join('\n')}\n</ul>`;
}

function facts(pairs: readonly [string, string][]): string {
  const lines = pairs.map(([name, text]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(text)}</dd>`);
  return `<dl>\n${lines.join('\n')}\n</dl>`;
}
