/** Figures with a row a run: accuracy, time, energy. */
import type { DifferenceKind } from '../../evaluation/comparison';
import type { RunView } from '../../session/view';
import type { Axis, Kind, Range, RankFigure, RankRow } from './figure';
import {
  axisFor,
  ends,
  energyKind,
  estimatedMark,
  type FigureInput,
  MOST_ROWS,
  markOf,
  OF_ACCURACY,
  OF_ENERGY,
  OF_TIME,
  percentAxis,
  timeKind,
  unlike,
} from './input';
import { competing, datasetName, labelsOf } from './labels';
import { accuracy, energy, type Quantity, time } from './values';

interface Ranking {
  name: string;
  question: string;
  quantity: Quantity;
  /** What of a run makes it unlike the baseline here. */
  kinds: readonly DifferenceKind[];
  kindOf(run: RunView): Kind;
  best: 'largest' | 'smallest';
  axis(range: Range): Axis;
}

function rank(input: FigureInput, ranking: Ranking): RankFigure {
  const { quantity, kinds, kindOf } = ranking;
  const runs = competing(input.runs);
  const estimates = input.estimates ?? [];
  const labels = labelsOf(runs, estimates);
  const measured = runs.flatMap((run, i): RankRow[] => {
    const value = quantity.ofRun(run);
    if (value === null) return [];
    const { baseline = null } = input;
    const ratio = baseline === null || baseline.id === run.id ? null : quantity.ratio(run, baseline);
    return [{ ...markOf(run, kindOf(run), labels[i]!, unlike(run, input, kinds)), ...value, ratio }];
  });
  const estimated = estimates.flatMap((estimate, i): RankRow[] => {
    const value = quantity.ofEstimate(estimate);
    return value === null
      ? []
      : [{ ...estimatedMark(estimate, labels[runs.length + i]!), ...value, ratio: null }];
  });
  const sign = ranking.best === 'largest' ? -1 : 1;
  const sorted = [...measured, ...estimated].sort((a, b) => sign * (a.value - b.value));
  const rows = firstOf(sorted, input.baseline?.id ?? null);
  return {
    type: 'rank',
    id: `${input.datasetId}/${ranking.name}`,
    question: `${datasetName(input.datasetId)}: ${ranking.question}`,
    axis: ranking.axis(ends(rows)),
    rows,
    notMeasured: runs.length - measured.length,
    omitted: sorted.length - rows.length,
  };
}

/** As many as can be read, with the baseline among them. */
function firstOf(sorted: RankRow[], baselineId: string | null): RankRow[] {
  return sorted.filter((row, i) => i < MOST_ROWS || row.runId === baselineId);
}

/** Accuracy in percent with Wilson's interval, on an axis that shows the differences. */
export function accuracyFigure(input: FigureInput): RankFigure {
  return rank(input, {
    name: 'accuracy',
    question: 'what does binarization cost?',
    quantity: accuracy,
    kinds: OF_ACCURACY,
    // An emulator's answers are as good as a board's.
    kindOf: () => 'measured',
    best: 'largest',
    axis: (range) => percentAxis('accuracy, % of test images, 95 % interval', range),
  });
}

/** Median milliseconds an image; from zero, or logarithmic where the ratios are large. */
export function timeFigure(input: FigureInput): RankFigure {
  const clock = input.clock === 'device' ? 'device time' : 'time';
  return rank(input, {
    name: 'time',
    question: 'what is fastest?',
    quantity: time(input.clock),
    kinds: OF_TIME,
    kindOf: timeKind,
    best: 'smallest',
    axis: (range) => axisFor(`${clock}, ms an image, median with 95 % interval`, range),
  });
}

/** Millijoules an image. */
export function energyFigure(input: FigureInput): RankFigure {
  return rank(input, {
    name: 'energy',
    question: 'what needs least energy?',
    quantity: energy,
    kinds: OF_ENERGY,
    kindOf: energyKind,
    best: 'smallest',
    axis: (range) => axisFor('energy, mJ an image, with the bound of its uncertainty', range),
  });
}
