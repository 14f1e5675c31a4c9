/** `bnnw paper`. */
import type { Job } from '../../core/contract/job';
import type { Precision } from '../../core/network/precision';
import { BASELINE_PRECISION, PAPER_COLUMNS, PUBLISHED, paperRows } from '../../core/report/paperTable';
import { devicesNamed } from '../host/deviceNames';
import type { Host } from '../host/host';
import type { CommandLine } from './commandLine';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './failure';
import { leftOutText } from './leftOut';
import { addMeasuringOptions, type MeasuringOptions, measuringOf } from './measuringOptions';
import { parseCount, parseList, parsePrecisions, parseSeed, required } from './options';
import { failureText } from './progress';
import { runJob } from './runJob';
import { printable, type Terminal, table } from './terminal';

interface PaperOptions extends MeasuringOptions {
  baseline?: string;
  device?: string[];
  precision: Precision[];
  samples?: number;
  seed: number;
  quick?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** The paper's batch. */
const BATCH_SIZE = 256;

/** @returns the exit code */
async function paperCommand(host: Host, terminal: Terminal, options: PaperOptions): Promise<number> {
  const { devices } = await host.listDevices();
  const [baseline] = devicesNamed([required(options.baseline, '--baseline')], devices);
  const others = devicesNamed(required(options.device, '--device'), devices).map(({ id }) => id);
  const baselineId = baseline!.id;
  const models = (await host.listModels()).filter(({ bundled }) => bundled);
  const job: Job = {
    deviceIds: [...new Set([baselineId, ...others])],
    models: models.map(({ id }) => id),
    dataset: null,
    precisions: [...new Set<Precision>([BASELINE_PRECISION, ...options.precision])],
    // Modes without one-bit weights have no integer precision, and ONNX Runtime has none at all.
    onlyPossible: true,
    batchSizes: [BATCH_SIZE],
    samples: options.samples ?? null,
    seed: options.seed,
    scenario: 'throughput',
    quick: options.quick === true,
    sessionName: `The paper's table, against ${baseline!.name}`.slice(0, 200),
    ...measuringOf(options),
  };
  terminal.stderr.write(leftOutText(job, devices, models));
  const finished = await runJob(host, terminal, () => host.startJob(job), options.quiet === true);
  const { runs, failures } = finished.session;
  if (runs.length > 0) terminal.stdout.write(table([...PAPER_COLUMNS], paperRows(runs, baselineId)));
  terminal.stdout.write(publishedText());
  for (const failure of failures) terminal.stderr.write(failureText(failure, options.verbose === true));
  terminal.stderr.write(printable(`session: ${finished.path}\n`));
  if (finished.interrupted) return EXIT_INTERRUPTED;
  return failures.length > 0 || runs.some(({ verdict }) => !verdict.valid) ? EXIT_FAILED : EXIT_DONE;
}

function publishedText(): string {
  const lines = PUBLISHED.map(({ what, text }) => `  ${what}: ${text}`);
  return `\npublished (arXiv 1905.06105, its FPGA against its GPU, not measured here):\n${lines.join('\n')}\n`;
}

export function addPaperCommand({ command, host, terminal, end }: CommandLine): void {
  addMeasuringOptions(
    command(
      'paper',
      "both networks in all modes on a baseline and on other devices, laid out as the paper's table",
    ),
  )
    .option('--baseline <ID|NAME>', 'the device that the others are compared with, at fp32')
    .option(
      '--device <ID|NAME,…>',
      'the other devices; the baseline too, for its other precisions',
      parseList,
    )
    .option('--precision <NAME,…>', 'beside fp32, for the binarized modes', parsePrecisions, ['fp32'])
    .option('--samples <N>', 'so many images, drawn by the seed (default: all)', parseCount)
    .option('--seed <N>', 'draws the images of a short run', parseSeed, 1)
    .option('--quick', 'lower floors for what repeats: a look, and labelled as one')
    .option('--quiet', 'without progress')
    .action(async (options: PaperOptions) => end(await paperCommand(host, terminal, options)));
}
