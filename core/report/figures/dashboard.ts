/** All figures of a data set that have something to show, in the order in which they are read. */
import type { RunView } from '../../session/view';
import type { EstimatedRun } from './estimates';
import { type Figure, marksOf } from './figure';
import type { Clock, FigureInput } from './input';
import { competing, datasetName, runsByDataset } from './labels';
import { latencyFigure } from './latency';
import { layersFigure } from './layers';
import { powerFigure } from './power';
import { accuracyFigure, energyFigure, timeFigure } from './rank';
import { sweepFigure } from './sweep';
import { accuracyAgainstEnergy, accuracyAgainstTime } from './tradeOff';

const FIGURES: readonly ((input: FigureInput) => Figure)[] = [
  accuracyFigure,
  timeFigure,
  energyFigure,
  accuracyAgainstTime,
  accuracyAgainstEnergy,
  sweepFigure,
  latencyFigure,
  powerFigure,
  layersFigure,
];

/** A trade-off of one run is no question. */
function hasSomethingToShow(figure: Figure): boolean {
  return marksOf(figure).length > (figure.type === 'trade-off' ? 1 : 0);
}

export interface Panel {
  datasetId: string;
  name: string;
  baseline: RunView | null;
  figures: Figure[];
}

export interface DashboardOptions {
  clock: Clock;
  /** By data set; none is chosen for those that are not in it. */
  baselines: Readonly<Record<string, RunView>>;
  estimates?: readonly EstimatedRun[];
}

export function dashboard(runs: readonly RunView[], options: DashboardOptions): Panel[] {
  const { clock, baselines, estimates = [] } = options;
  return runsByDataset(runs).map(({ datasetId, runs: members }) => {
    const baseline = baselines[datasetId] ?? null;
    const input: FigureInput = {
      datasetId,
      runs: members,
      estimates: estimates.filter(({ dataset }) => dataset.id === datasetId),
      clock,
      baseline,
    };
    const figures = FIGURES.map((make) => make(input)).filter(hasSomethingToShow);
    return { datasetId, name: datasetName(datasetId), baseline, figures };
  });
}

/** For each data set the run that others are usually compared with: the first one without binarization. */
export function usualBaselines(runs: readonly RunView[]): Record<string, RunView> {
  return Object.fromEntries(
    runsByDataset(runs).flatMap(({ datasetId, runs: members }) => {
      const candidates = competing(members);
      const baseline = candidates.find(({ model }) => model.mode === 'none') ?? candidates[0];
      return baseline === undefined ? [] : [[datasetId, baseline]];
    }),
  );
}
