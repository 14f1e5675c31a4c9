import { type BrowserWindow, dialog } from 'electron';
import type { ReportRequest } from '../../core/contract/host';
import { REPORT_FORMATS, type ReportFormatName } from '../../core/report/formatNames';
import type { Host } from '../host/host';
import { writeAtomic } from '../storage/writeAtomic';

/**
 * Asks where to, and writes the report there.
 * @returns the file, or null where the person changed their mind
 * @throws WorkbenchError `storage`, `unknown-name`, `usage`
 */
export async function saveReport(
  window: BrowserWindow,
  host: Host,
  { format, ...request }: ReportRequest & { format: ReportFormatName },
): Promise<{ path: string | null }> {
  const { extension, name } = REPORT_FORMATS[format];
  const { filePath } = await dialog.showSaveDialog(window, {
    defaultPath: `${request.sessionIds[0] ?? 'report'}.${extension}`,
    filters: [{ name, extensions: [extension] }],
  });
  if (!filePath) return { path: null };
  const report = await host.renderReport(request, format);
  await writeAtomic(filePath, typeof report === 'string' ? report : [report]);
  return { path: filePath };
}
