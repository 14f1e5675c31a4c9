/** The numbers of a figure: the table behind its drawing, and its data as CSV. */
import { quantileSorted } from 'simple-statistics';
import { csvText } from '../csvCell';
import type { Figure, Mark } from './figure';

export interface FigureTable {
  /** Names with their units. */
  heads: string[];
  /** In full; a null was not measured. */
  rows: { runId: string; cells: (string | number | null)[] }[];
}

const MARK_HEADS = ['run', 'kind', 'valid', 'unlike'];

function markCells({ label, kind, valid, unlike }: Mark): (string | number)[] {
  return [label, kind, valid ? 'yes' : 'no', unlike.join('; ')];
}

export function figureTable(figure: Figure): FigureTable {
  switch (figure.type) {
    case 'rank':
      return {
        heads: [...MARK_HEADS, figure.axis.title, 'low', 'high', 'against the baseline'],
        rows: figure.rows.map((row) => ({
          runId: row.runId,
          cells: [
            ...markCells(row),
            row.value,
            row.interval?.low ?? null,
            row.interval?.high ?? null,
            row.ratio,
          ],
        })),
      };
    case 'trade-off':
      return {
        heads: [...MARK_HEADS, figure.x.title, 'low', 'high', figure.y.title, 'low', 'high', 'on the front'],
        rows: figure.points.map((point) => ({
          runId: point.runId,
          cells: [
            ...markCells(point),
            ...[point.x, point.xInterval?.low ?? null, point.xInterval?.high ?? null],
            ...[point.y, point.yInterval?.low ?? null, point.yInterval?.high ?? null],
            point.onFront ? 'yes' : 'no',
          ],
        })),
      };
    case 'lines':
      return {
        heads: [...MARK_HEADS, figure.x.title, figure.y.title, 'low', 'high'],
        rows: figure.lines.flatMap((line) =>
          line.points
            .filter(({ y }) => !Number.isNaN(y))
            .map(({ runId, x, y, interval }) => ({
              runId,
              cells: [...markCells(line), x, y, interval?.low ?? null, interval?.high ?? null],
            })),
        ),
      };
    case 'distribution':
      return {
        heads: [
          ...MARK_HEADS,
          'samples',
          'min, ms',
          'p25, ms',
          'median, ms',
          'p75, ms',
          'p90, ms',
          'p99, ms',
          'max, ms',
        ],
        rows: figure.rows.map((row) => ({
          runId: row.runId,
          cells: [
            ...markCells(row),
            row.samples.length,
            ...[0, 0.25, 0.5, 0.75, 0.9, 0.99, 1].map((p) => quantileSorted(row.samples, p)),
          ],
        })),
      };
    case 'grid':
      return {
        heads: [...MARK_HEADS, ...figure.columns],
        rows: figure.rows.map((row, i) => ({
          runId: row.runId,
          cells: [
            ...markCells(row),
            ...figure.columns.map(
              (_, column) =>
                figure.cells.find((cell) => cell.row === i && cell.column === column)?.value ?? null,
            ),
          ],
        })),
      };
  }
}

export function figureCsv(figure: Figure): string {
  const { heads, rows } = figureTable(figure);
  return csvText([heads, ...rows.map(({ cells }) => cells)]);
}
