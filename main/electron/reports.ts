import { type BrowserWindow, dialog } from 'electron';
import type { WorkbenchHost } from '../../core/contract/host';
import { REPORT_FORMATS, type ReportFormatName } from '../../core/report/formats';
import { writeAtomic } from '../storage/writeAtomic';

const FILE_TYPES: Record<ReportFormatName, string> = {
  json: 'Session document',
  csv: 'Comma-separated values',
  markdown: 'Markdown',
};

/**
 * Asks where to, and writes the report there.
 * @returns the file, or null where the person changed their mind
 * @throws WorkbenchError `storage`, `unknown-name`
 */
export async function saveReport(
  window: BrowserWindow,
  host: WorkbenchHost,
  sessionId: string,
  format: ReportFormatName,
): Promise<{ path: string | null }> {
  const { extension } = REPORT_FORMATS[format];
  const text = await host.renderReport(sessionId, format);
  const { filePath } = await dialog.showSaveDialog(window, {
    defaultPath: `${sessionId}.${extension}`,
    filters: [{ name: FILE_TYPES[format], extensions: [extension] }],
  });
  if (!filePath) return { path: null };
  await writeAtomic(filePath, text);
  return { path: filePath };
}
