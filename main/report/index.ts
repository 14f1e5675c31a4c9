/** Reports of a session in every format, and single figures as drawings. */
import type { FigureRequest, ReportRequest } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import { type ReportContent, reportContent } from '../../core/report/content';
import type { Figure } from '../../core/report/figures/figure';
import type { ReportFormatName, TextFormatName } from '../../core/report/formatNames';
import { writeReport } from '../../core/report/formats';
import type { SessionDocument } from '../../core/session/schema';

/** Makes PDF of an HTML page that needs nothing else. */
export type PdfPrinter = (html: string) => Promise<Uint8Array>;

type Options = Omit<ReportRequest, 'sessionIds'>;

/** Skia is loaded where something is drawn, and not before. */
async function drawingOf({ deviceIds }: ReportContent) {
  const { figureSvg } = await import('./drawInNode');
  return (figure: Figure, baselineRunId: string | null) =>
    figureSvg(figure, { deviceIds, marks: { selectedRunId: null, baselineRunId } });
}

async function textOf(content: ReportContent, format: TextFormatName, embed: boolean): Promise<string> {
  const draw = format === 'html' ? await drawingOf(content) : () => '';
  return writeReport(format, content, { draw, embed });
}

export async function renderReport(
  session: SessionDocument,
  options: Options,
  format: ReportFormatName,
  printPdf: PdfPrinter,
): Promise<string | Uint8Array> {
  const content = reportContent(session, options);
  return format === 'pdf' ? printPdf(await textOf(content, 'html', false)) : textOf(content, format, true);
}

/** As {@link renderReport}, for a look: an HTML page comes without its session. */
export function renderPreview(
  session: SessionDocument,
  options: Options,
  format: TextFormatName,
): Promise<string> {
  return textOf(reportContent(session, options), format, false);
}

/** @throws WorkbenchError `unknown-name` where the runs give no such figure */
export async function drawOneFigure(
  session: SessionDocument,
  { figureId, runIds, ...options }: Omit<FigureRequest, 'sessionIds'>,
): Promise<string> {
  const content = reportContent(session, options, runIds);
  for (const { figures, baseline } of content.panels) {
    const figure = figures.find(({ id }) => id === figureId);
    if (figure) return (await drawingOf(content))(figure, baseline?.id ?? null);
  }
  throw new WorkbenchError('unknown-name', `These runs give no figure ${figureId}.`, { where: figureId });
}
