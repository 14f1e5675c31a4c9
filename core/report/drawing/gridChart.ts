/** A value for each pair of row and column: shaded, and written in its cell. */
import 'chartjs-chart-matrix';
import type { Chart, Plugin, ScriptableContext } from 'chart.js';
import type { GridFigure } from '../figures/figure';
import {
  canvasFont,
  chartAt,
  type Drawing,
  fontOf,
  groundPlugin,
  hoverLines,
  type Place,
  sharedOptions,
} from './frame';
import { fitted } from './look';

export const GRID_ROW_PX = 28;
/** Above this share of the largest value a cell is dark, and its text light. */
const DARK_FROM = 0.55;
const SHADE = '0, 114, 178';

export function drawGrid(place: Place, figure: GridFigure, drawing: Drawing): Chart {
  const { look, onSelect } = drawing;
  const { rows, columns, cells } = figure;
  const largest = Math.max(...cells.map(({ value }) => value), Number.MIN_VALUE);
  const heads = shortHeads(columns);
  const labelPx = Math.max(...rows.map(({ label }) => look.widthOf(label))) + 16;
  return chartAt(place, {
    type: 'matrix',
    data: {
      datasets: [
        {
          data: cells.map(({ column, row, value }) => ({ x: column, y: row, v: value })),
          backgroundColor: ({ dataIndex }: ScriptableContext<'matrix'>) => {
            return `rgba(${SHADE}, ${0.04 + (0.96 * (cells[dataIndex]?.value ?? 0)) / largest})`;
          },
          borderWidth: 0,
          width: ({ chart }: ScriptableContext<'matrix'>) => step(chart, 'x'),
          height: ({ chart }: ScriptableContext<'matrix'>) => step(chart, 'y'),
        },
      ],
    },
    options: {
      ...sharedOptions(drawing),
      layout: { padding: { top: 4, right: 8 } },
      onClick: (_, hits) => {
        const row = rows[cells[hits[0]?.index ?? -1]?.row ?? -1];
        if (row) onSelect?.(row.runId);
      },
      scales: {
        x: {
          type: 'linear',
          position: 'top',
          min: -0.5,
          max: columns.length - 0.5,
          afterBuildTicks: (axis) => {
            axis.ticks = columns.map((_, value) => ({ value }));
          },
          grid: { display: false },
          border: { display: false },
          ticks: {
            color: look.quiet,
            font: fontOf(look),
            autoSkip: false,
            maxRotation: 45,
            minRotation: 0,
            callback: (value) => fitted(heads[Number(value)] ?? '', 140, look),
          },
        },
        y: {
          type: 'linear',
          reverse: true,
          min: -0.5,
          max: rows.length - 0.5,
          afterFit: (axis) => {
            axis.width = Math.min(labelPx, axis.chart.width * 0.35);
          },
          grid: { display: false },
          border: { display: false },
          ticks: { display: false },
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => rows[cells[hits[0]?.dataIndex ?? -1]?.row ?? -1]?.label ?? '',
            label: ({ dataIndex }) => {
              const cell = cells[dataIndex];
              const row = cell && rows[cell.row];
              return cell && row ? hoverLines(row, [`${columns[cell.column]}: ${cell.text}`]) : [];
            },
          },
        },
      },
    },
    plugins: [groundPlugin(look), cellTexts(figure, largest, drawing)],
  });
}

/** From one cell to the next, less a seam. */
function step({ scales }: Chart, axis: 'x' | 'y'): number {
  const scale = scales[axis];
  if (!scale) return 0;
  return Math.max(0, Math.abs(scale.getPixelForValue(1) - scale.getPixelForValue(0)) - 2);
}

/** `conv2 + pool + batch norm` as `conv2`, where that still tells the columns apart. */
function shortHeads(columns: readonly string[]): readonly string[] {
  const short = columns.map((column) => column.split(' + ')[0]!);
  return new Set(short).size === columns.length ? short : columns;
}

/** Row labels on the left, values in their cells. */
function cellTexts({ rows, columns, cells }: GridFigure, largest: number, { look, marks }: Drawing): Plugin {
  return {
    id: 'cells',
    beforeDatasetsDraw({ ctx, scales: { y }, width, chartArea }) {
      const selected = rows.findIndex(({ runId }) => runId === marks().selectedRunId);
      if (!y || selected < 0) return;
      const height = chartArea.height / rows.length;
      ctx.save();
      ctx.fillStyle = look.selected;
      ctx.fillRect(0, y.getPixelForValue(selected) - height / 2, width, height);
      ctx.restore();
    },
    afterDatasetsDraw({ ctx, chartArea, scales: { x, y } }) {
      if (!x || !y) return;
      ctx.save();
      ctx.textBaseline = 'middle';
      ctx.font = canvasFont(look);
      ctx.textAlign = 'right';
      ctx.fillStyle = look.text;
      rows.forEach((row, i) => {
        const name = row.unlike.length > 0 ? `≠ ${row.label}` : row.label;
        ctx.fillText(fitted(name, chartArea.left - 12, look), chartArea.left - 8, y.getPixelForValue(i));
      });
      ctx.textAlign = 'center';
      const room = chartArea.width / columns.length;
      for (const { column, row, value, text } of cells) {
        if (look.widthOf(text) > room) continue;
        ctx.fillStyle = value / largest > DARK_FROM ? '#ffffff' : look.text;
        ctx.fillText(text, x.getPixelForValue(column), y.getPixelForValue(row));
      }
      ctx.restore();
    },
  };
}
