/** The formats of a report, without what writes them. */
export const REPORT_FORMATS = {
  html: { extension: 'html', name: 'HTML page' },
  pdf: { extension: 'pdf', name: 'PDF' },
  markdown: { extension: 'md', name: 'Markdown' },
  latex: { extension: 'tex', name: 'LaTeX' },
  csv: { extension: 'csv', name: 'Comma-separated values' },
  json: { extension: 'json', name: 'Session document' },
} as const satisfies Record<string, { extension: string; name: string }>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;
/** Those that are text. */
export type TextFormatName = Exclude<ReportFormatName, 'pdf'>;

export const REPORT_FORMAT_NAMES = Object.keys(REPORT_FORMATS) as ReportFormatName[];
export const TEXT_FORMAT_NAMES = REPORT_FORMAT_NAMES.filter((name): name is TextFormatName => name !== 'pdf');
