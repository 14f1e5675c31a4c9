/** The tables of a report, the same in Markdown, LaTeX and HTML. Cells are plain text. */
import { scoreOf } from '../evaluation/accuracy';
import { differencesBetween, isEmulated } from '../evaluation/comparison';
import { verdictText } from '../evaluation/verdict';
import type { RunView, SessionView } from '../session/view';
import type { ReportContent } from './content';
import { deviceLabel } from './deviceLabel';
import { accuracy, energy, type Quantity, time } from './figures/values';
import { formatBytes, formatCount, formatPercentInterval, NOT_MEASURED } from './format';
import { summarizeRun } from './runSummary';

export interface ReportColumn<Row> {
  head: string;
  text(row: Row): string;
  /** Numbers stand to the right. */
  number?: boolean;
}

function quantityColumn(head: string, quantity: Quantity): ReportColumn<RunView> {
  return { head, number: true, text: (run) => quantity.ofRun(run)?.text ?? NOT_MEASURED };
}

function intervalText(run: RunView): string {
  const interval = summarizeRun(run).accuracy?.interval ?? null;
  return interval === null ? NOT_MEASURED : formatPercentInterval(interval);
}

export function runColumns({ baselines, clock, runs }: ReportContent): ReportColumn<RunView>[] {
  const clockQuantity = time(clock);
  return [
    ...(runs.some(({ origin }) => origin)
      ? [{ head: 'Session', text: (run: RunView) => run.origin?.sessionName ?? '' }]
      : []),
    { head: 'Model', text: (run) => run.model.id },
    { head: 'Device', text: (run) => deviceLabel(run.device) },
    { head: 'Scenario', text: (run) => run.scenario ?? 'accuracy' },
    { head: 'Precision', text: (run) => run.precision },
    { head: 'Batch', number: true, text: (run) => formatCount(run.batchSize) },
    { head: 'Images', number: true, text: (run) => formatCount(run.accuracy.total) },
    {
      head: 'Correct',
      number: true,
      text: (run) => (scoreOf(run) === null ? NOT_MEASURED : formatCount(run.accuracy.correct)),
    },
    quantityColumn('Accuracy, %', accuracy),
    { head: '95 % interval', number: true, text: intervalText },
    quantityColumn('End to end, ms an image', time('endToEnd')),
    quantityColumn('Device, ms an image', time('device')),
    quantityColumn('Energy, mJ an image', energy),
    {
      head: clock === 'device' ? 'Device time against the baseline' : 'Time against the baseline',
      number: true,
      text: (run) => {
        const baseline = baselines[run.dataset.id];
        if (baseline === undefined) return NOT_MEASURED;
        return baseline.id === run.id ? 'baseline' : (clockQuantity.ratio(run, baseline) ?? NOT_MEASURED);
      },
    },
    {
      head: 'Verdict',
      text: (run) => (isEmulated(run) ? `emulated; ${verdictText(run.verdict)}` : verdictText(run.verdict)),
    },
  ];
}

export const FAILURE_COLUMNS: ReportColumn<SessionView['failures'][number]>[] = [
  { head: 'Model', text: (failure) => failure.modelId },
  { head: 'Device', text: (failure) => failure.deviceName },
  { head: 'Precision', text: (failure) => failure.precision },
  { head: 'Batch', number: true, text: (failure) => formatCount(failure.batchSize) },
  { head: 'Images finished', number: true, text: (failure) => formatCount(failure.finishedImages) },
  { head: 'What happened', text: (failure) => failure.error.message },
  { head: 'Where', text: (failure) => failure.error.where ?? '' },
];

/** A run in a sentence. */
function runName({ model, device, precision, batchSize, origin }: RunView): string {
  const name = `${model.id} on ${deviceLabel(device)}, ${precision}, batch ${formatCount(batchSize)}`;
  return origin ? `${name} (${origin.sessionName})` : name;
}

/** What must be known before two rows are compared: how each is unlike the baseline of its data set. */
export function guardMarks({ runs, baselines }: ReportContent): string[] {
  return runs.flatMap((run) => {
    const baseline = baselines[run.dataset.id];
    if (baseline === undefined || baseline.id === run.id) return [];
    const differences = differencesBetween(run, baseline);
    return differences.length === 0
      ? []
      : [`${runName(run)}: ${differences.map(({ text }) => text).join('; ')}`];
  });
}

export function baselineNames({ baselines }: ReportContent): string[] {
  return Object.values(baselines).map((run) => `${run.dataset.id}: ${runName(run)}`);
}

function machineText({ cpu, cores, memoryBytes, operatingSystem }: SessionView['machine']): string {
  return `${cpu}, ${cores} cores, ${formatBytes(memoryBytes)}, ${operatingSystem}`;
}

/** Where the numbers come from: a name and a text each. */
export function provenance(session: SessionView): [string, string][] {
  const { program, runs } = session;
  const merged = runs.flatMap(({ origin }) => origin?.machine ?? []);
  const machines = merged.length > 0 ? merged : [session.machine];
  const distinct = (texts: string[]) => [...new Set(texts)];
  const each = (name: string, texts: string[]) =>
    distinct(texts).map((text): [string, string] => [name, text]);
  return [
    ['Session', `${session.name}, ${session.id}`],
    ...each(
      'Merged from',
      runs.flatMap(({ origin }) => (origin ? `${origin.sessionName}, ${origin.sessionId}` : [])),
    ),
    ['Made', session.createdAt],
    ['Program', `BNN Workbench ${program.version}${program.commit ? `, commit ${program.commit}` : ''}`],
    ...each('Machine', machines.map(machineText)),
    ['Command', session.command],
    ...each(
      'Device',
      runs.map(({ device }) => `${device.name}, ${device.platform}, ${device.driver}, ${device.id}`),
    ),
    ...each(
      'Model',
      runs.map(({ model }) => `${model.id}, SHA-256 ${model.sha256}`),
    ),
    ...each(
      'Data',
      runs.map(({ dataset }) => `${dataset.id}, SHA-256 ${dataset.sha256}`),
    ),
    ...each(
      'Seed',
      runs.flatMap(({ dataset }) => (dataset.seed === null ? [] : String(dataset.seed))),
    ),
    ...each(
      'Kernels',
      runs.map(({ device, kernels }) => {
        const source = kernels.sourceSha256 ? `, SHA-256 ${kernels.sourceSha256}` : '';
        return `${deviceLabel(device)}: ${kernels.variant}${source}`;
      }),
    ),
    ...each(
      'Power',
      runs.flatMap(({ device, energy }) =>
        energy?.kind === 'measured'
          ? `${deviceLabel(device)}: ${energy.source} (${energy.scope}, ${energy.origin})`
          : [],
      ),
    ),
    ...each(
      'No power',
      runs.flatMap(({ device, energy }) =>
        energy?.kind === 'not measured' ? `${deviceLabel(device)}: ${energy.reason}` : [],
      ),
    ),
  ];
}
