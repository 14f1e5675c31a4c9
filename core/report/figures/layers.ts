/** Where the time goes: a row a run, a column a step of the network. */
import { formatNumber } from '../format';
import type { GridCell, GridFigure } from './figure';
import { type FigureInput, MOST_ROWS, markOf, OF_TIME, timeKind, unlike } from './input';
import { competing, datasetName, distinguishingLabels } from './labels';

export function layersFigure(input: FigureInput): GridFigure {
  const all = competing(input.runs);
  const withLayers = all.filter(({ timing }) => timing.layers !== undefined);
  const runs = withLayers.slice(0, MOST_ROWS);
  const labels = distinguishingLabels(runs);
  const columns: string[] = [];
  const cells = runs.flatMap(({ timing, batchSize }, row): GridCell[] => {
    // Two steps of one name are two columns.
    const seen = new Map<string, number>();
    return (timing.layers?.steps ?? []).map(({ name, medianMs }) => {
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      const head = times === 1 ? name : `${name} (${times})`;
      if (!columns.includes(head)) columns.push(head);
      const value = (medianMs * 1000) / batchSize;
      return { row, column: columns.indexOf(head), value, text: formatNumber(value) };
    });
  });
  return {
    type: 'grid',
    id: `${input.datasetId}/layers`,
    question: `${datasetName(input.datasetId)}: where does the time go?`,
    title: 'device time of each step, µs an image, median',
    rows: runs.map((run, i) => markOf(run, timeKind(run), labels[i]!, unlike(run, input, OF_TIME))),
    columns,
    cells,
    notMeasured: all.length - withLayers.length,
    omitted: withLayers.length - runs.length,
  };
}
