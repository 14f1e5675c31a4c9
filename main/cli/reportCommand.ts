/** `bnnw report` */
import { extname } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { USUAL_REPORT } from '../../core/report/content';
import { REPORT_FORMAT_NAMES, REPORT_FORMATS, type ReportFormatName } from '../../core/report/formatNames';
import type { SessionDocument } from '../../core/session/schema';
import type { Host } from '../host/host';
import { nearest } from '../host/nearest';
import { findSession } from '../host/sessionFile';
import { writeAtomic } from '../storage/writeAtomic';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { printable, type Terminal } from './terminal';

interface ReportFlags {
  output?: string;
  device?: boolean;
  baseline?: string[];
}

export function addReportCommand({ command, host, terminal, end }: CommandLine): void {
  command(
    'report <SESSION...>',
    'write one report of sessions: ids, or paths of a session.json or an .html report',
  )
    .option(
      '-o, --output <FILE>',
      `its ending says the format (without it: Markdown on standard output): ${REPORT_FORMAT_NAMES.map((name) => `.${REPORT_FORMATS[name].extension}`).join(', ')}`,
    )
    .option(
      '--baseline <RUN...>',
      'runs that others are compared with, by id (default: the first of mode none)',
    )
    .option('--device', "compare the device's own times instead of end-to-end times")
    .action(async (sessions: string[], flags: ReportFlags) =>
      end(await reportCommand(host, terminal, sessions, flags)),
    );
}

/** The format follows the ending of the file's name. */
export async function reportCommand(
  host: Host,
  terminal: Terminal,
  names: string[],
  flags: ReportFlags,
): Promise<number> {
  const { output } = flags;
  const format = output === undefined ? 'markdown' : formatOf(output);
  const found = await Promise.all(names.map((name) => findSession(host, name)));
  const options = {
    ...USUAL_REPORT,
    clock: flags.device ? ('device' as const) : ('endToEnd' as const),
    baselineIds: knownBaselines(found, flags.baseline ?? []),
    deviceIds: [],
  };
  const report = await host.renderReportOf(found, options, format);
  if (output === undefined) {
    terminal.stdout.write(printable(report.toString()));
    return EXIT_DONE;
  }
  await writeAtomic(output, typeof report === 'string' ? report : [report]);
  terminal.stderr.write(printable(`${output} written\n`));
  return EXIT_DONE;
}

function formatOf(output: string): ReportFormatName {
  const extension = extname(output).slice(1).toLowerCase();
  const format = REPORT_FORMAT_NAMES.find((name) => REPORT_FORMATS[name].extension === extension);
  if (format) return format;
  const endings = REPORT_FORMAT_NAMES.map((name) => `.${REPORT_FORMATS[name].extension}`);
  throw new WorkbenchError('usage', `A report's file name must end in one of ${endings.join(', ')}.`, {
    where: output,
    remedy: nearest(`.${extension}`, endings),
  });
}

/** In a report of several sessions the runs of the second that are called like one of the first get a number. */
function knownBaselines(sessions: readonly SessionDocument[], wanted: readonly string[]): string[] {
  const known = sessions.flatMap(({ runs }) => runs.map(({ id }) => id));
  for (const id of wanted) {
    if (known.includes(id)) continue;
    throw new WorkbenchError('unknown-name', `There is no run ${id}.`, {
      where: '--baseline',
      remedy: nearest(id, known),
    });
  }
  return [...wanted];
}
