/** `bnnw run` and `bnnw evaluate`. */
import type { Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { scoreOf } from '../../core/evaluation/accuracy';
import { bestDevice } from '../../core/evaluation/bestDevice';
import { isEmulated } from '../../core/evaluation/comparison';
import { verdictWord } from '../../core/evaluation/verdict';
import type { Precision } from '../../core/network/precision';
import { deviceLabel } from '../../core/report/deviceLabel';
import {
  formatCount,
  formatNumber,
  formatPercent,
  formatWithInterval,
  NOT_MEASURED,
} from '../../core/report/format';
import { type Estimate, summarizeRun } from '../../core/report/runSummary';
import { formatSession } from '../../core/session/document';
import type { Scenario } from '../../core/session/scenario';
import type { Run, SessionDocument } from '../../core/session/schema';
import { devicesNamed } from '../host/deviceNames';
import type { Host } from '../host/host';
import { requireWritable, writeAtomic } from '../storage/writeAtomic';
import { besideTimesText } from './besideTimesText';
import type { CommandLine } from './commandLine';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './failure';
import { leftOutText } from './leftOut';
import { addMeasuringOptions, type MeasuringOptions, measuringOf } from './measuringOptions';
import {
  parseBatchSizes,
  parseCount,
  parseList,
  parsePrecisions,
  parseScenario,
  parseSeed,
  required,
} from './options';
import { failureText } from './progress';
import { type FinishedJob, runJob } from './runJob';
import { printable, type Terminal, table } from './terminal';

export interface RunOptions extends MeasuringOptions {
  model?: string[];
  dataset?: string;
  device?: string[];
  batch: number[];
  precision: Precision[];
  samples?: number;
  seed: number;
  scenario: Scenario;
  onlyPossible?: boolean;
  quick?: boolean;
  json?: string;
  quiet?: boolean;
  verbose?: boolean;
}

/** @returns the exit code */
export async function runCommand(host: Host, terminal: Terminal, options: RunOptions): Promise<number> {
  const toStdout = options.json === '-';
  const jsonFile = toStdout ? undefined : options.json;
  const modelNames = required(options.model, '--model');
  const deviceNames = required(options.device, '--device');
  const { devices } = await host.listDevices();
  const deviceIds = devicesNamed(deviceNames, devices).map((device) => device.id);
  if (deviceIds.length === 0) throw noDevice();
  const everyModel = modelNames.includes('all');
  const known = await host.listModels();
  const models = everyModel ? known.filter(({ bundled }) => bundled).map(({ id }) => id) : modelNames;
  const job: Job = {
    deviceIds,
    models,
    dataset: options.dataset ?? null,
    precisions: options.precision,
    batchSizes: options.batch,
    // Who asks for every model means those that can be.
    ...(everyModel || options.onlyPossible ? { onlyPossible: true } : {}),
    samples: options.samples ?? null,
    seed: options.seed,
    scenario: options.scenario,
    quick: options.quick === true,
    sessionName: null,
    ...measuringOf(options),
  };
  // Before the run: an hour of work should not end at a path that was wrong from the start.
  if (jsonFile !== undefined) await requireWritable(jsonFile);
  terminal.stderr.write(leftOutText(job, devices, known));
  const finished = await runJob(host, terminal, () => host.startJob(job), options.quiet === true);
  if (toStdout) terminal.stdout.write(formatSession(finished.session));
  tellOutcome(terminal, toStdout ? terminal.stderr : terminal.stdout, finished, options.verbose === true);
  const { session } = finished;
  if (jsonFile !== undefined) await writeAtomic(jsonFile, formatSession(session));
  return exitCode(finished);
}

export interface EvaluateOptions {
  samples: number;
  verbose?: boolean;
}

/**
 * The first look of a machine without a screen: the bundled models on its best device.
 * @returns the exit code
 */
export async function evaluateCommand(
  host: Host,
  terminal: Terminal,
  options: EvaluateOptions,
): Promise<number> {
  const { devices, advice } = await host.listDevices();
  const device = bestDevice(devices);
  if (!device) throw noDevice();
  terminal.stderr.write(printable(`device: ${device.name} (${device.platform})\n`));
  if (!device.id.startsWith('opencl:')) {
    terminal.stderr.write('There is no OpenCL device here, so ONNX Runtime computes on the CPU instead.\n');
    for (const { subject, problem, remedy } of advice) {
      terminal.stderr.write(printable(`${subject}: ${problem}\n  to do: ${remedy}\n`));
    }
  }
  const job: Job = {
    deviceIds: [device.id],
    models: await bundledIds(host),
    dataset: null,
    precisions: ['fp32'],
    batchSizes: [100],
    samples: options.samples,
    seed: 1,
    sessionName: `First look on ${device.name}`.slice(0, 200),
  };
  const finished = await runJob(
    host,
    terminal,
    () => host.startJob(job),
    false,
    (event) => {
      if (event.kind === 'run-finished') terminal.stdout.write(`${runLine(event.run)}\n`);
      if (event.kind === 'run-failed') {
        const { modelId, error } = event.failure;
        terminal.stdout.write(printable(`${modelId}  failed: ${error.message}\n`));
      }
    },
  );
  const { session, path } = finished;
  for (const failure of session.failures)
    terminal.stderr.write(failureText(failure, options.verbose === true));
  terminal.stderr.write(
    `session: ${path}\n` +
      'to open it: start the workbench on a machine with a screen (npm start) and choose it under Sessions,\n' +
      `or read its report, with each class and how the modes differ: \n` +
      `npx bnnw report ${session.id} -o report.md (without -o it comes here)\n`,
  );
  return exitCode(finished);
}

/**
 * Goes on with a session that was interrupted or cancelled.
 * @returns the exit code
 */
export async function resumeCommand(
  host: Host,
  terminal: Terminal,
  sessionId: string,
  options: { quiet?: boolean; verbose?: boolean },
): Promise<number> {
  await host.listDevices();
  const start = () => host.resumeSession(sessionId);
  const finished = await runJob(host, terminal, start, options.quiet === true);
  tellOutcome(terminal, terminal.stdout, finished, options.verbose === true);
  return exitCode(finished);
}

function tellOutcome(
  terminal: Terminal,
  results: Terminal['stdout'],
  { session, path }: FinishedJob,
  verbose: boolean,
): void {
  if (session.runs.length > 0) results.write(resultTable(session.runs) + besideTimesText(session.runs));
  for (const failure of session.failures) terminal.stderr.write(failureText(failure, verbose));
  terminal.stderr.write(printable(`session: ${path}\n`));
}

async function bundledIds(host: Host): Promise<string[]> {
  return (await host.listModels()).map((model) => model.id);
}

function exitCode({ session, interrupted }: FinishedJob): number {
  if (interrupted) return EXIT_INTERRUPTED;
  const { runs, failures } = session;
  return failures.length > 0 || runs.some((run) => !run.verdict.valid) ? EXIT_FAILED : EXIT_DONE;
}

function resultTable(runs: SessionDocument['runs']): string {
  const heads = [
    'model',
    'device',
    'precision',
    'batch',
    'correct',
    'of',
    '%',
    'ms/image',
    'device ms/image',
    'verdict',
  ];
  const rows = runs.map((run) => [
    run.model.id,
    deviceLabel(run.device),
    run.precision,
    formatCount(run.batchSize),
    scoreOf(run) === null ? NOT_MEASURED : formatCount(run.accuracy.correct),
    formatCount(run.accuracy.total),
    formatPercent(scoreOf(run) ?? Number.NaN),
    estimate(summarizeRun(run).endToEndMsPerImage),
    estimate(summarizeRun(run).deviceMsPerImage),
    verdictOf(run),
  ]);
  return table(heads, rows) + verdictLines(runs);
}

/** Says of an emulator's times that they are none of a board. */
function verdictOf(run: SessionDocument['runs'][number]): string {
  const word = verdictWord(run.verdict);
  return isEmulated(run) ? `emulated; ${word}` : word;
}

/** Each reason once: of all runs, or with those that it is of. */
function verdictLines(runs: SessionDocument['runs']): string {
  const byReason = new Map<string, string[]>();
  for (const { verdict, model, device, precision, batchSize } of runs) {
    for (const reason of verdict.reasons) {
      const line = `${verdictWord(verdict)}: ${reason}`;
      const name = `${model.id} on ${deviceLabel(device)}, ${precision}, batch ${formatCount(batchSize)}`;
      byReason.set(line, [...(byReason.get(line) ?? []), name]);
    }
  }
  const lines = [...byReason].map(([line, names]) =>
    names.length === runs.length ? line : `${line} (${names.join('; ')})`,
  );
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function runLine(run: Run): string {
  const { model, accuracy } = run;
  const percent = formatPercent(accuracy.correct / accuracy.total).padStart(6);
  const ms = formatNumber(summarizeRun(run).endToEndMsPerImage.value);
  const images = formatCount(accuracy.total);
  return `${printable(model.id).padEnd(22)}${percent} % of ${images} images correct, ${ms} ms an image (${verdictOf(run)})`;
}

function estimate(value: Estimate | null): string {
  return value === null ? NOT_MEASURED : formatWithInterval(value.value, value.interval);
}

function noDevice(): WorkbenchError {
  return new WorkbenchError('not-available', 'There is no device to run on.', {
    remedy: 'Run `npx bnnw doctor`.',
  });
}

export function addRunCommands({ command, host, terminal, end }: CommandLine): void {
  addMeasuringOptions(command('run', 'run test sets through models on devices, and save a session'))
    .option('--model <ID|FILE,…>', 'bundled models or model files; `all` for every bundled one', parseList)
    .option('--dataset <ID|DIR>', "mnist, cifar10 or a folder (default: each model's own)")
    .option(
      '--device <ID|NAME,…>',
      'ids or parts of names; `all` for every device but the null device',
      parseList,
    )
    .option('--batch <N,…>', 'images in a batch', parseBatchSizes, [256])
    .option('--precision <NAME,…>', 'precision of the activations', parsePrecisions, ['fp32'])
    .option('--only-possible', 'leave out what a device or a model cannot run; so does `--model all`')
    .option('--samples <N>', 'so many images, drawn by the seed (default: all)', parseCount)
    .option('--seed <N>', 'draws the images of a short run', parseSeed, 1)
    .option(
      '--scenario <NAME>',
      'accuracy: the test set once; latency: one image at a time; throughput: full batches until stable; ' +
        'sweep: throughput at each --batch',
      parseScenario,
      'accuracy',
    )
    .option('--quick', 'lower floors for what repeats: a look, and labelled as one')
    .option(
      '--json <FILE>',
      'write the session document too; - prints it on standard output and nothing else',
    )
    .option('--quiet', 'without progress')
    .action(async (options: RunOptions) => end(await runCommand(host, terminal, options)));

  command('evaluate', 'a first look: the bundled models on the best OpenCL device')
    .option('--samples <N>', 'images for each model', parseCount, 1000)
    .action(async (options: { samples: number; verbose?: boolean }) =>
      end(await evaluateCommand(host, terminal, options)),
    );

  command('resume <SESSION>', 'run what an interrupted or cancelled session still has to run')
    .option('--quiet', 'without progress')
    .action(async (session: string, options: { quiet?: boolean; verbose?: boolean }) =>
      end(await resumeCommand(host, terminal, session, options)),
    );
}
