/** What was measured beside the times of runs, for a terminal. */
import { formatCount, formatNumber, formatPercent, formatRatio } from '../../core/report/format';
import type { LayerTimes, Overhead, Run, Sampling } from '../../core/session/schema';
import { quantile } from '../../core/statistics/percentiles';
import { printable, table } from './terminal';

export function besideTimesText(runs: readonly Run[]): string {
  return runs.map(runText).join('');
}

function runText(run: Run): string {
  const { overhead, layers } = run.timing;
  const head = printable(`${run.model.id}, ${run.precision}, batch ${run.batchSize}`);
  const parts = [
    ...(layers ? [`${head}: each step, of ${layers.batches} batches\n${layersText(layers)}`] : []),
    ...(run.sampling ? [`${head}: ${samplingText(run.sampling, run)}\n`] : []),
    ...(overhead ? [`${head}: ${overheadText(overhead, run)}\n`] : []),
  ];
  return parts.join('');
}

/** What lies beside a batch: the share of its time that our own work takes, and what profiling costs. */
export function overheadText(overhead: Overhead, { timing }: Pick<Run, 'timing'>): string {
  const { nullDeviceUsPerBatch, betweenBatchesUs, deviceClockStepNs, profilingRatio } = overhead;
  const share = betweenBatchesUs / (timing.endToEndMsPerBatch.median * 1000);
  const texts = [
    `the null device takes ${formatNumber(nullDeviceUsPerBatch)} us a batch`,
    `${formatNumber(betweenBatchesUs)} us (${shareText(share)}) pass between batches`,
  ];
  if (deviceClockStepNs !== null) texts.push(`the device's clock has steps of ${deviceClockStepNs} ns`);
  if (profilingRatio) {
    const { ratio, low, high } = profilingRatio;
    texts.push(
      `with profiling a batch takes ${ratio.toFixed(3)} x (${low.toFixed(3)} to ${high.toFixed(3)})`,
    );
  }
  return texts.join('; ');
}

/** Beyond the whole a percentage is hard to read. */
function shareText(share: number): string {
  return share > 1 ? `${formatRatio(share)} a batch` : `${formatPercent(share)} %`;
}

function layersText({ steps, wholeMs, kernelSumMs }: LayerTimes): string {
  const rows = steps.map(({ name, kind, medianMs }) => [
    name,
    formatNumber(medianMs),
    kind === 'kernel' ? formatPercent(medianMs / wholeMs) : '',
  ]);
  rows.push(['sum of the kernels', formatNumber(kernelSumMs), formatPercent(kernelSumMs / wholeMs)]);
  rows.push(['first start to last end', formatNumber(wholeMs), formatPercent(1)]);
  return table(['step', 'ms/batch', '%'], rows);
}

function samplingText(sampling: Sampling, { accuracy }: Run): string {
  const { correct, temperature, rule, averagedCorrect } = sampling;
  const total = accuracy.total;
  const percent = (count: number) => `${formatPercent(count / total)} %`;
  const mean = correct.reduce((sum, count) => sum + count, 0) / correct.length;
  return (
    `${formatCount(correct.length)} draws (${rule} weights, temperature ${temperature}): mean ${percent(mean)}, ` +
    `from ${percent(Math.min(...correct))} to ${percent(Math.max(...correct))}, median ${percent(quantile(correct, 0.5))}; ` +
    `averaged logits ${percent(averagedCorrect)}; signs ${percent(accuracy.correct)}`
  );
}
