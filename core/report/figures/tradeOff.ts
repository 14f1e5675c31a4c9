/** Accuracy against what it costs: time or energy. */
import type { DifferenceKind } from '../../evaluation/comparison';
import type { RunView } from '../../session/view';
import type { Kind, Mark, TradeOffFigure, TradeOffPoint } from './figure';
import {
  axisFor,
  ends,
  energyKind,
  estimatedMark,
  type FigureInput,
  markOf,
  OF_ENERGY,
  OF_TIME,
  percentAxis,
  timeKind,
  unlike,
} from './input';
import { competing, datasetName, labelsOf } from './labels';
import { accuracy, energy, type Quantity, time, type Value } from './values';

interface Cost {
  name: 'accuracy-time' | 'accuracy-energy';
  quantity: Quantity;
  kinds: readonly DifferenceKind[];
  kindOf(run: RunView): Kind;
  title: string;
  question: string;
}

function tradeOff(input: FigureInput, cost: Cost): TradeOffFigure {
  const runs = competing(input.runs);
  const estimates = input.estimates ?? [];
  const labels = labelsOf(runs, estimates);
  const candidates = [
    ...runs.map((run, i) => ({
      mark: markOf(run, cost.kindOf(run), labels[i]!, unlike(run, input, cost.kinds)),
      x: cost.quantity.ofRun(run),
      y: accuracy.ofRun(run),
    })),
    ...estimates.map((estimate, i) => ({
      mark: estimatedMark(estimate, labels[runs.length + i]!),
      x: cost.quantity.ofEstimate(estimate),
      y: accuracy.ofEstimate(estimate),
    })),
  ];
  const points = candidates.flatMap(({ mark, x, y }) => (x && y ? [pointOf(mark, x, y)] : []));
  markFront(points);
  return {
    type: 'trade-off',
    id: `${input.datasetId}/${cost.name}`,
    question: `${datasetName(input.datasetId)}: ${cost.question}`,
    x: axisFor(cost.title, ends(points.map(({ x, xInterval }) => ({ value: x, interval: xInterval })))),
    y: percentAxis(
      'accuracy, % of test images',
      ends(points.map(({ y, yInterval }) => ({ value: y, interval: yInterval }))),
    ),
    points,
    notMeasured: candidates.length - points.length,
    omitted: 0,
  };
}

function pointOf(mark: Mark, x: Value, y: Value): TradeOffPoint {
  return {
    ...mark,
    x: x.value,
    y: y.value,
    xInterval: x.interval,
    yInterval: y.interval,
    xText: x.text,
    yText: y.text,
    onFront: false,
  };
}

/** Pareto's front of the valid runs, without estimates: from the cheapest on, each that is more accurate. */
function markFront(points: TradeOffPoint[]): void {
  let best = Number.NEGATIVE_INFINITY;
  const real = points.filter(({ kind, valid }) => valid && kind !== 'estimated');
  for (const point of real.sort((a, b) => a.x - b.x || b.y - a.y)) {
    point.onFront = point.y > best;
    best = Math.max(best, point.y);
  }
}

export function accuracyAgainstTime(input: FigureInput): TradeOffFigure {
  const clock = input.clock === 'device' ? 'device time' : 'time';
  return tradeOff(input, {
    name: 'accuracy-time',
    quantity: time(input.clock),
    kinds: OF_TIME,
    kindOf: timeKind,
    title: `${clock}, ms an image`,
    question: 'what accuracy for what time?',
  });
}

export function accuracyAgainstEnergy(input: FigureInput): TradeOffFigure {
  return tradeOff(input, {
    name: 'accuracy-energy',
    quantity: energy,
    kinds: OF_ENERGY,
    kindOf: energyKind,
    title: 'energy, mJ an image',
    question: 'what accuracy for what energy?',
  });
}
