/** Writes a report as text in any of its formats. A new one is one more entry. */
import { formatSession } from '../session/document';
import type { ReportContent } from './content';
import { csvReport } from './csv';
import type { TextFormatName } from './formatNames';
import { type HtmlParts, htmlReport } from './html';
import { latexReport } from './latex';
import { markdownReport } from './markdown';

const WRITERS: Record<TextFormatName, (content: ReportContent, parts: HtmlParts) => string> = {
  html: htmlReport,
  markdown: markdownReport,
  latex: latexReport,
  csv: csvReport,
  json: ({ session }) => formatSession(session),
};

/** @param parts what a page needs that core cannot do: drawing */
export function writeReport(format: TextFormatName, content: ReportContent, parts: HtmlParts): string {
  return WRITERS[format](content, parts);
}
