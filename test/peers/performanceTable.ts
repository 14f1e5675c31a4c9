/** A session of bench:peers as the text of docs/performance.md. */
import type { Run, SessionDocument } from '../../core/session/schema';
import { medianInterval, medianRatioInterval } from '../../core/statistics/bootstrap';
import { median } from '../../core/statistics/percentiles';

const HEAD = `# Performance

Written by \`npm run docs:performance -- SESSION.json...\` from sessions of \`npm run bench:peers\`. All programs of a
table took turns on the same test images, and what was timed is what was scored. Both sides start with a batch in host
memory and end with logits there: this engine from raw bytes, the peers from normalized floats made beforehand. Times
are medians with their 95 % bootstrap interval; ratios are those of the medians, their interval from pairs of the same
batch. The integer kernels are faster where activations are small, so their times are those of real test images; the
worst case, a network whose hidden activations are all at the top of 4 bits, stands beside them.
`;

/** The peers that ratios are given for. */
const SIGNED_ONCE = 'pytorch fp32';
const EIGHT_BITS = 'onnxruntime int8';

export function performancePage(sessions: readonly SessionDocument[]): string {
  return [HEAD, ...sessions.map(sessionText)].join('\n');
}

function sessionText(session: SessionDocument): string {
  const { machine, program, runs, command, createdAt } = session;
  const models = [...new Set(runs.map(networkId))];
  return [
    `## ${session.name}`,
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.operatingSystem}; ${createdAt.slice(0, 10)}; ` +
      `version ${program.version}. Made by \`${withoutPaths(command)}\`.`,
    '',
    ...models.flatMap((model) => modelText(runs.filter((run) => networkId(run) === model))),
  ].join('\n');
}

function modelText(runs: readonly Run[]): string[] {
  const batches = [...new Set(runs.map(({ batchSize }) => batchSize))];
  return batches.flatMap((batchSize) => {
    const heading = `### ${networkId(runs[0]!)}, batch ${batchSize}`;
    return [heading, '', ...runTables(runs.filter((run) => run.batchSize === batchSize))];
  });
}

/** A model's id without what the worst case has behind it. */
function networkId({ model }: Run): string {
  return model.id.split(',')[0]!;
}

/** Where the peers' Python lay matters to nobody else. */
function withoutPaths(command: string): string {
  return command.replace(/ --python[ =]\S+/, '').trim();
}

/** Times and accuracy, then ratios, of the runs of one network and batch size. */
export function runTables(runs: readonly Run[]): string[] {
  const heads = ['Program', 'Precision', 'ms an image', 'Batches', 'Correct', 'Verdict'];
  const lines = runs.map((run) => [
    programName(run),
    run.precision,
    withInterval(median(times(run)), medianInterval(times(run)), run.batchSize, 4),
    String(times(run).length),
    isWorstCase(run) ? '–' : `${run.accuracy.correct} of ${run.accuracy.total}`,
    run.verdict.valid ? (run.verdict.quick ? 'quick' : 'full') : 'invalid',
  ]);
  return [...table(heads, lines), ...ratioTable(runs)];
}

/** How many times longer the peers took than this engine. */
function ratioTable(runs: readonly Run[]): string[] {
  const peers = runs.filter(isPeer);
  const fastest = peers
    .filter(({ precision }) => precision === 'fp32')
    .reduce<Run | null>(
      (best, run) => (best && median(times(best)) <= median(times(run)) ? best : run),
      null,
    );
  const against = [
    { head: 'x PyTorch fp32, signed once', peer: peers.find(({ device }) => device.name === SIGNED_ONCE) },
    { head: `x the best fp32 peer (${fastest?.device.name})`, peer: fastest },
    { head: 'x ONNX Runtime int8', peer: peers.find(({ device }) => device.name === EIGHT_BITS) },
  ].filter((column): column is { head: string; peer: Run } => Boolean(column.peer));
  if (against.length === 0) return [];
  const lines = runs
    .filter((run) => !isPeer(run))
    .map((own) => [
      `${own.precision}${isWorstCase(own) ? ', worst case' : ''}`,
      own.device.platform,
      ...against.map(({ peer }) => ratio(peer, own)),
    ]);
  return table(['This engine', 'Driver', ...against.map(({ head }) => head)], lines);
}

function programName(run: Run): string {
  if (isPeer(run)) return `${run.device.name} ${run.device.driver}`;
  return `this engine, ${run.kernels.variant}${isWorstCase(run) ? ', worst case' : ''}`;
}

function isPeer({ device }: Run): boolean {
  return device.id.startsWith('peer:');
}

function isWorstCase({ model }: Run): boolean {
  return model.id.includes(',');
}

function ratio(run: Run, own: Run): string {
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

function table(heads: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [row(heads), row(heads.map(() => '---')), ...lines.map(row), ''];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
