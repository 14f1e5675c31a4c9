/** A session as GitHub-flavoured Markdown. Texts of models, devices and sessions are shown, never interpreted. */
import { scoreOf } from '../evaluation/accuracy';
import { differencesBetween } from '../evaluation/comparison';
import { verdictText } from '../evaluation/verdict';
import type { RunView, SessionView } from '../session/view';
import { deviceLabel } from './deviceLabel';
import { energyText } from './energyText';
import { formatBytes, formatCount, formatPercent, formatWithInterval, NOT_MEASURED } from './format';
import { type Estimate, summarizeRun } from './runSummary';

const RUN_COLUMNS: [string, (run: RunView) => string][] = [
  ['Model', (run) => run.model.id],
  ['Device', (run) => deviceLabel(run.device)],
  ['Precision', (run) => run.precision],
  ['Batch', (run) => formatCount(run.batchSize)],
  ['Images', (run) => formatCount(run.accuracy.total)],
  ['Correct', (run) => (scoreOf(run) === null ? NOT_MEASURED : formatCount(run.accuracy.correct))],
  ['Accuracy, %', (run) => formatPercent(scoreOf(run) ?? Number.NaN)],
  ['End to end, ms an image', (run) => estimate(summarizeRun(run).endToEndMsPerImage)],
  ['Device, ms an image', (run) => estimate(summarizeRun(run).deviceMsPerImage)],
  ['Energy, J', (run) => energyText(run)],
  ['Verdict', (run) => verdictText(run.verdict)],
];

const FAILURE_COLUMNS: [string, (failure: SessionView['failures'][number]) => string][] = [
  ['Model', (failure) => failure.modelId],
  ['Device', (failure) => failure.deviceName],
  ['Precision', (failure) => failure.precision],
  ['Batch', (failure) => formatCount(failure.batchSize)],
  ['Images finished', (failure) => formatCount(failure.finishedImages)],
  ['What happened', (failure) => failure.error.message],
  ['Where', (failure) => failure.error.where ?? ''],
];

export function sessionToMarkdown(session: SessionView): string {
  const { machine, program } = session;
  const facts = [
    `Made: ${session.createdAt}`,
    `Program: BNN Workbench ${program.version}${program.commit ? `, commit ${program.commit}` : ''}`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}, ${machine.operatingSystem}`,
    `Command: ${session.command}`,
    ...distinct(
      session.runs.map((run) => `Device: ${run.device.name}, ${run.device.platform}, ${run.device.driver}`),
    ),
    ...distinct(session.runs.map((run) => `Model: ${run.model.id}, SHA-256 ${run.model.sha256}`)),
    ...distinct(session.runs.map((run) => `Data: ${run.dataset.id}, SHA-256 ${run.dataset.sha256}`)),
  ];
  return [
    `# ${markdownText(session.name)}`,
    ...(session.runs.length > 0 ? [table(RUN_COLUMNS, session.runs)] : []),
    ...notAlike(session.runs),
    ...(session.failures.length > 0 ? ['## Failed', table(FAILURE_COLUMNS, session.failures)] : []),
    '## Made with',
    facts.map((fact) => `- ${markdownText(fact)}`).join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What must be known before two rows of the table are compared: how they are unlike the first on their data set. */
function notAlike(runs: readonly RunView[]): string[] {
  const lines = runs.flatMap((run) => {
    const first = runs.find(({ dataset }) => dataset.id === run.dataset.id) ?? run;
    const differences = differencesBetween(run, first);
    if (differences.length === 0) return [];
    const name = `${run.model.id} on ${deviceLabel(run.device)}, ${run.precision}, batch ${formatCount(run.batchSize)}`;
    return `- ${markdownText(name)}: ${markdownText(differences.map(({ text }) => text).join('; '))}`;
  });
  const intro = 'Against the first run on the same data set:';
  return lines.length === 0 ? [] : ['## Not alike', intro, lines.join('\n')];
}

/**
 * Text without effect: every character that Markdown or HTML could act on is escaped, and what would become
 * a link by itself is a code span, which is never linked.
 */
export function markdownText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (/:\/\/|www\.|@/i.test(line)) return codeSpan(line);
  return line.replace(/[\\`*_[\]<>#|~&$]/g, (character) => `\\${character}`);
}

function codeSpan(line: string): string {
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line.replaceAll('|', '\\|')} ${fence}`;
}

function table<Row>(columns: [string, (row: Row) => string][], rows: Row[]): string {
  const lines = [
    columns.map(([head]) => head),
    columns.map(() => '---'),
    ...rows.map((row) => columns.map(([, value]) => markdownText(value(row)))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function estimate(value: Estimate | null): string {
  return value === null ? NOT_MEASURED : formatWithInterval(value.value, value.interval);
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}
