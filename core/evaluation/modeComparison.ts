/** None, deterministic and stochastic on the same images: what binarization costs. */
import { deviceLabel } from '../report/deviceLabel';
import { formatCount } from '../report/format';
import type { RunAnswers, RunView } from '../session/view';
import type { Interval } from '../statistics/bootstrap';
import { comparePaired, type PairedOutcome } from '../statistics/mcnemar';
import { pairedDifferenceInterval } from '../statistics/pairedDifference';

/** Runs that differ in nothing but their model: at least two. */
export interface ModeGroup {
  key: string;
  /** What they have in common, in words. */
  label: string;
  /** One a model, in the order none, deterministic, stochastic. */
  runs: RunView[];
}

const ORDER = { none: 0, deterministic: 1, stochastic: 2 } as const;

/**
 * The groups of a session, those with the most modes first. Of several runs of one model the last one counts.
 * The null device answers nothing.
 */
export function modeGroups(runs: readonly RunView[]): ModeGroup[] {
  const groups = new Map<string, { label: string; byModel: Map<string, RunView> }>();
  for (const run of runs) {
    if (run.device.type === 'null') continue;
    const { device, dataset, precision, batchSize, scenario, origin, model } = run;
    const place = origin === undefined ? '' : origin.sessionName;
    const key = JSON.stringify([
      ...[dataset.sha256, dataset.samples, dataset.seed, device.id, precision, batchSize],
      ...[scenario ?? 'accuracy', place, model.topology],
    ]);
    const words = [
      dataset.id,
      deviceLabel(device),
      precision,
      `batch ${formatCount(batchSize)}`,
      `${formatCount(dataset.samples)} images`,
      ...(scenario === undefined || scenario === 'accuracy' ? [] : [scenario]),
      ...(place === '' ? [] : [place]),
    ];
    const group = groups.get(key) ?? { label: words.join(', '), byModel: new Map() };
    groups.set(key, group);
    group.byModel.set(model.id, run);
  }
  return [...groups]
    .map(([key, { label, byModel }]) => ({
      key,
      label,
      runs: [...byModel.values()].sort((a, b) => ORDER[a.model.mode] - ORDER[b.model.mode]),
    }))
    .filter(({ runs: members }) => members.length > 1)
    .sort((a, b) => b.runs.length - a.runs.length);
}

export interface AccuracyCost extends PairedOutcome {
  /** Accuracy of the second minus that of the first, as a share. */
  difference: number;
  interval: Interval;
}

/** @returns null where the two did not see the same images in the same order */
export function accuracyCost(first: RunAnswers, second: RunAnswers): AccuracyCost | null {
  if (!sameImages(first, second)) return null;
  const paired = comparePaired(first.predictions, second.predictions, first.labels);
  const { onlyFirstRight, onlySecondRight } = paired;
  const n = first.labels.length;
  return {
    ...paired,
    difference: (onlySecondRight - onlyFirstRight) / n,
    interval: pairedDifferenceInterval(onlyFirstRight, onlySecondRight, n),
  };
}

function sameImages({ imageIndices: a, labels }: RunAnswers, other: RunAnswers): boolean {
  const b = other.imageIndices;
  if (labels.length !== other.labels.length || labels.length === 0) return false;
  if (a === null || b === null) return a === b;
  return a.every((index, i) => index === b[i]);
}
