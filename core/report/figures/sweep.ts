/** Throughput over batch sizes: a line for each device, model and precision that ran with several. */
import type { RunView } from '../../session/view';
import type { Line, LinePoint, LinesFigure } from './figure';
import { axisFor, ends, type FigureInput, markOf, OF_TIME, timeKind, unlike } from './input';
import { competing, datasetName, distinguishingLabels } from './labels';
import { time } from './values';

/** Runs that differ in their batch size alone, smallest first; those of a sweep are kept from the others. */
function sweeps(runs: readonly RunView[]): RunView[][] {
  const groups = new Map<string, RunView[]>();
  for (const run of runs) {
    const { device, model, precision, scenario = 'accuracy' } = run;
    const key = JSON.stringify([device.id, model.sha256, precision, scenario]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const several = [...groups.values()].filter(
    (group) => new Set(group.map(({ batchSize }) => batchSize)).size > 1,
  );
  return several.map((group) => group.sort((a, b) => a.batchSize - b.batchSize));
}

export function sweepFigure(input: FigureInput): LinesFigure {
  const groups = sweeps(competing(input.runs));
  const labels = distinguishingLabels(
    groups.map((group) => group[0]!),
    ['batch'],
  );
  const { ofRun } = time(input.clock);
  // An estimate of the time of several batch sizes says little: lines are of runs only.
  const lines = groups.flatMap((group, i): Line[] => {
    const points = group.flatMap((run): LinePoint[] => {
      const value = ofRun(run);
      if (value === null || value.value <= 0) return [];
      const { interval } = value;
      // A clock of coarse steps may have shown no time for a batch.
      const inverted =
        interval && interval.low > 0 ? { low: 1000 / interval.high, high: 1000 / interval.low } : null;
      return [{ runId: run.id, x: run.batchSize, y: 1000 / value.value, interval: inverted }];
    });
    const [first] = group;
    if (first === undefined || points.length < 2) return [];
    const kinds = OF_TIME.filter((kind) => kind !== 'batch');
    return [{ ...markOf(first, timeKind(first), labels[i]!, unlike(first, input, kinds)), points }];
  });
  const points = lines.flatMap((line) => line.points);
  const sizes = ends(points.map(({ x }) => ({ value: x, interval: null })));
  return {
    type: 'lines',
    id: `${input.datasetId}/sweep`,
    question: `${datasetName(input.datasetId)}: which batch size pays?`,
    x: {
      title: 'images a batch, logarithmic',
      scale: 'logarithmic',
      range: { low: sizes.low / 1.2, high: sizes.high * 1.2 },
    },
    y: axisFor('images a second', ends(points.map(({ y, interval }) => ({ value: y, interval })))),
    pointwise: true,
    lines,
    notMeasured: 0,
    omitted: 0,
  };
}
