/**
 * A session laid out as the paper compares (C. Lammie, W. Xiang, M. Rahimi Azghadi, "Accelerating Deterministic and
 * Stochastic Binarized Neural Networks on FPGAs Using OpenCL", arXiv 1905.06105): accuracy, time an image, power, and
 * the ratios of time and power to a baseline device. Of the paper itself only the three ratios of its abstract stand
 * here, marked as published.
 */
import { scoreOf } from '../evaluation/accuracy';
import { compareRuns, isEmulated, noDifferenceText } from '../evaluation/comparison';
import { measuredEnergy } from '../evaluation/energy';
import type { RunView } from '../session/view';
import { deviceLabel } from './deviceLabel';
import { formatNumber, formatPercent, formatRatio, formatWithInterval, NOT_MEASURED } from './format';
import { summarizeRun } from './runSummary';

/** The paper's ratios of its GPU to its FPGA. */
export const PUBLISHED = [
  { what: 'power, FPGA below GPU', text: 'over 16 x' },
  { what: 'time an image, MNIST', text: 'over 9.89 x' },
  { what: 'time an image, CIFAR-10', text: 'over 9.91 x' },
] as const;

export const PAPER_COLUMNS = [
  'network',
  'mode',
  'device',
  'precision',
  'accuracy, %',
  'ms an image',
  'power, W',
  'time, against baseline',
  'power, against baseline',
] as const;

/** The precision of the baseline's runs. */
export const BASELINE_PRECISION = 'fp32';

/**
 * @param baselineId the device whose fp32 run of the same model others are compared with
 * @returns a row a run, as texts in the order of {@link PAPER_COLUMNS}
 */
export function paperRows(runs: readonly RunView[], baselineId: string): string[][] {
  return runs.map((run) => {
    const baseline = runs.find(
      (other) =>
        other.device.id === baselineId &&
        other.precision === BASELINE_PRECISION &&
        other.model.sha256 === run.model.sha256,
    );
    const { endToEndMsPerImage: time } = summarizeRun(run);
    const power = measuredEnergy(run);
    return [
      run.dataset.id,
      run.model.mode,
      run === baseline ? `${deviceLabel(run.device)} (baseline)` : deviceLabel(run.device),
      run.precision,
      formatPercent(scoreOf(run) ?? Number.NaN),
      formatWithInterval(time.value, time.interval),
      power === null ? NOT_MEASURED : `${formatNumber(power.averageW)} (${powerMark(power)})`,
      ratioText(run, baseline, timeRatio),
      ratioText(run, baseline, powerRatio),
    ];
  });
}

function powerMark({ scope, origin }: { scope: string; origin: string }): string {
  return origin === 'typed-in' ? `${scope}, typed in` : scope;
}

function ratioText(
  run: RunView,
  baseline: RunView | undefined,
  ratio: (run: RunView, baseline: RunView) => string,
): string {
  if (baseline === undefined || run === baseline) return NOT_MEASURED;
  // An emulator's time and power are those of a processor that plays an FPGA.
  return isEmulated(run) || isEmulated(baseline) ? 'emulated: no ratio' : ratio(run, baseline);
}

function timeRatio(run: RunView, baseline: RunView): string {
  const compared = compareRuns(run, baseline);
  if (compared === null) return NOT_MEASURED;
  const { ratio, interval, verdict, paired } = compared;
  if (verdict === 'no difference') return noDifferenceText(compared);
  const range = interval ? ` (${formatNumber(interval.low)} to ${formatNumber(interval.high)})` : '';
  const words = ratio > 1 ? `${formatRatio(ratio)} faster` : `${formatRatio(1 / ratio)} slower`;
  return `${words}${range}${paired ? '' : ', not in turns'}`;
}

/** Only sensors that cover the same part are compared. */
function powerRatio(run: RunView, baseline: RunView): string {
  const [own, other] = [measuredEnergy(run), measuredEnergy(baseline)];
  if (own === null || other === null) return NOT_MEASURED;
  if (own.scope !== other.scope) return `not alike: ${own.scope} against ${other.scope}`;
  const ratio = other.averageW / own.averageW;
  return ratio > 1 ? `${formatRatio(ratio)} less` : `${formatRatio(1 / ratio)} more`;
}
