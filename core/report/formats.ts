/** The formats of a report. A new one is one more entry. */
import { formatSession } from '../session/document';
import type { SessionDocument } from '../session/schema';
import { sessionToCsv } from './csv';
import { sessionToMarkdown } from './markdown';

export interface ReportFormat {
  /** File name extension, without the dot. */
  extension: string;
  render(session: SessionDocument): string;
}

export const REPORT_FORMATS = {
  json: { extension: 'json', render: formatSession },
  csv: { extension: 'csv', render: sessionToCsv },
  markdown: { extension: 'md', render: sessionToMarkdown },
} as const satisfies Record<string, ReportFormat>;
export type ReportFormatName = keyof typeof REPORT_FORMATS;
