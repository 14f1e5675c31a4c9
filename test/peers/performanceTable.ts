/** A session of bench:peers as the text of docs/performance.md. */
import type { Run, SessionDocument } from '../../core/session/schema';
import { medianInterval, medianRatioInterval } from '../../core/statistics/bootstrap';
import { median } from '../../core/statistics/percentiles';

const HEAD = `# Performance

Written by \`npm run docs:performance -- SESSION.json...\` from sessions of \`npm run bench:peers\`. All programs of a
table took turns on the same test images. Both sides start with a batch in host memory and end with logits there:
this engine from raw bytes, the peers from normalized floats made beforehand. Times are medians with their 95 %
bootstrap interval; the last columns say how many times longer a program took than this engine, paired by round.
The integer kernels skip zero activations, so their times are those of real test images.
`;

export function performancePage(sessions: readonly SessionDocument[]): string {
  return [HEAD, ...sessions.map(sessionText)].join('\n');
}

function sessionText(session: SessionDocument): string {
  const { machine, program, runs, command, createdAt } = session;
  const batches = [...new Set(runs.map(({ batchSize }) => batchSize))];
  return [
    `## ${session.name}`,
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.operatingSystem}; ${createdAt.slice(0, 10)}; ` +
      `version ${program.version}. Made by \`${withoutPaths(command)}\`.`,
    '',
    ...batches.flatMap((batchSize) => batchText(runs.filter((run) => run.batchSize === batchSize))),
  ].join('\n');
}

/** Where the peers' Python lay matters to nobody else. */
function withoutPaths(command: string): string {
  return command.replace(/ --python[ =]\S+/, '').trim();
}

/** Runs of one batch size. */
function batchText(runs: readonly Run[]): string[] {
  const ours = runs.filter(({ device }) => !device.id.startsWith('peer:'));
  const against = ours.map(({ precision, device }) => `x ${precision}, ${device.platform}`);
  const heads = ['Program', 'Precision', 'ms an image', 'Rounds', 'Correct', 'Verdict', ...against];
  const lines = runs.map((run) => {
    const { device, precision, kernels, accuracy, batchSize } = run;
    const program = ours.includes(run)
      ? `this engine, ${kernels.variant}`
      : `${device.name} ${device.driver}`;
    const perImage = withInterval(median(times(run)), medianInterval(times(run)), batchSize, 4);
    const correct = `${accuracy.correct} of ${accuracy.total}`;
    const rounds = String(times(run).length);
    const verdict = run.verdict.valid ? (run.verdict.quick ? 'quick' : 'full') : 'invalid';
    return [program, precision, perImage, rounds, correct, verdict, ...ours.map((own) => ratio(run, own))];
  });
  return [
    `### Batch ${runs[0]?.batchSize}`,
    '',
    row(heads),
    row(heads.map(() => '---')),
    ...lines.map(row),
    '',
  ];
}

function ratio(run: Run, own: Run): string {
  if (run === own) return '1';
  const value = median(times(run)) / median(times(own));
  return withInterval(value, medianRatioInterval(times(run), times(own), { paired: true }), 1, 2);
}

function withInterval(
  value: number,
  { low, high }: { low: number; high: number },
  divisor: number,
  digits: number,
): string {
  const [middle, from, to] = [value, low, high].map((number) => (number / divisor).toFixed(digits));
  return `${middle} [${from}, ${to}]`;
}

function times({ timing }: Run): number[] {
  return timing.endToEndMsPerBatch.samples;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
