/** A report as CSV (RFC 4180): one line a run or failure, numbers in full and without grouping. */
import { scoreOf } from '../evaluation/accuracy';
import { differencesBetween } from '../evaluation/comparison';
import { measuredEnergy } from '../evaluation/energy';
import { verdictWord } from '../evaluation/verdict';
import type { RunView, SessionView } from '../session/view';
import type { ReportContent } from './content';
import { type Cell, csvText } from './csvCell';

/** One entry a column: its head, and its value for a run. */
const COLUMNS: [string, (run: RunView, baseline: RunView) => Cell][] = [
  ['started_at', (run) => run.startedAt],
  ['device_id', (run) => run.device.id],
  ['device', (run) => run.device.name],
  ['platform', (run) => run.device.platform],
  ['device_type', (run) => run.device.type],
  ['driver', (run) => run.device.driver],
  ['model', (run) => run.model.id],
  ['mode', (run) => run.model.mode],
  ['model_sha256', (run) => run.model.sha256],
  ['dataset', (run) => run.dataset.id],
  ['dataset_sha256', (run) => run.dataset.sha256],
  ['seed', (run) => run.dataset.seed],
  ['precision', (run) => run.precision],
  ['batch_size', (run) => run.batchSize],
  ['correct', (run) => (scoreOf(run) === null ? null : run.accuracy.correct)],
  ['total', (run) => run.accuracy.total],
  ['end_to_end_ms_per_image', (run) => run.timing.endToEndMsPerBatch.median / run.batchSize],
  [
    'device_ms_per_image',
    ({ timing, batchSize }) => timing.deviceMsPerBatch && timing.deviceMsPerBatch.median / batchSize,
  ],
  ['end_to_end_ms_per_batch_median', (run) => run.timing.endToEndMsPerBatch.median],
  ['end_to_end_ms_per_batch_p90', (run) => run.timing.endToEndMsPerBatch.p90],
  ['device_ms_per_batch_median', (run) => run.timing.deviceMsPerBatch?.median ?? null],
  ['device_ms_per_batch_p90', (run) => run.timing.deviceMsPerBatch?.p90 ?? null],
  ['timed_batches', (run) => run.timing.endToEndMsPerBatch.samples.length],
  ['build_ms', (run) => run.timing.buildMs],
  ['load_ms', (run) => run.timing.loadMs],
  ['first_run_ms', (run) => run.timing.firstRunMs],
  ['scenario', (run) => run.scenario ?? 'accuracy'],
  ['energy_j', (run) => measuredEnergy(run)?.joules ?? null],
  ['energy_uncertainty_j', (run) => measuredEnergy(run)?.uncertaintyJ ?? null],
  ['energy_j_per_image', (run) => measuredEnergy(run)?.joulesPerImage ?? null],
  ['images_per_j', (run) => measuredEnergy(run)?.imagesPerJoule ?? null],
  ['average_w', (run) => measuredEnergy(run)?.averageW ?? null],
  ['idle_before_w', (run) => measuredEnergy(run)?.idleBeforeW ?? null],
  ['idle_after_w', (run) => measuredEnergy(run)?.idleAfterW ?? null],
  ['energy_source', (run) => measuredEnergy(run)?.source ?? null],
  ['energy_scope', (run) => measuredEnergy(run)?.scope ?? null],
  ['energy_origin', (run) => measuredEnergy(run)?.origin ?? null],
  ['energy_not_measured', (run) => (run.energy?.kind === 'not measured' ? run.energy.reason : null)],
  ['emulated', (run) => (run.device.type === 'fpga-emulator' ? 'yes' : 'no')],
  ['is_baseline', (run, baseline) => (run.id === baseline.id ? 'yes' : 'no')],
  [
    'unlike_the_baseline',
    (run, baseline) =>
      differencesBetween(run, baseline)
        .map(({ kind }) => kind)
        .join('; '),
  ],
  ['kernels', (run) => run.kernels.variant],
  ['draws', (run) => run.sampling?.correct.length ?? null],
  ['draws_temperature', (run) => run.sampling?.temperature ?? null],
  ['draws_correct', (run) => run.sampling?.correct.join(' ') ?? null],
  ['draws_averaged_correct', (run) => run.sampling?.averagedCorrect ?? null],
  ['steps_kernel_sum_ms', (run) => run.timing.layers?.kernelSumMs ?? null],
  ['steps_whole_ms', (run) => run.timing.layers?.wholeMs ?? null],
  [
    'steps_ms',
    (run) => run.timing.layers?.steps.map(({ name, medianMs }) => `${name}: ${medianMs}`).join('; ') ?? null,
  ],
  ['verdict', (run) => verdictWord(run.verdict)],
  ['reasons', (run) => run.verdict.reasons.join(' ')],
];

/** The same heads for a failure; a head that is not here stays empty. */
const FAILURE_CELLS: Record<string, (failure: SessionView['failures'][number]) => Cell> = {
  started_at: (failure) => failure.at,
  device: (failure) => failure.deviceName,
  model: (failure) => failure.modelId,
  precision: (failure) => failure.precision,
  batch_size: (failure) => failure.batchSize,
  verdict: () => 'failed',
  reasons: (failure) => failure.error.message,
};

export function csvReport({ session, runs, failures, baselines }: ReportContent): string {
  const placeOf = ({ origin }: RunView): Cell[] => [
    origin?.sessionName ?? session.name,
    origin?.machine.cpu ?? session.machine.cpu,
  ];
  return csvText([
    ['session', 'machine_cpu', ...COLUMNS.map(([head]) => head)],
    ...runs.map((run) => {
      const baseline = baselines[run.dataset.id] ?? run;
      return [...placeOf(run), ...COLUMNS.map(([, value]) => value(run, baseline))];
    }),
    ...failures.map((failure) => [
      ...[null, null],
      ...COLUMNS.map(([head]) => FAILURE_CELLS[head]?.(failure) ?? null),
    ]),
  ]);
}
