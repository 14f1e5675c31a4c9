/**
 * A rank figure in the manner of a forest plot: a row a run, its name on the left, its point with the interval in
 * the middle, its value in figures on the right, so that no legend is needed. Colour is the device.
 */
import 'chartjs-chart-error-bars';
import type { Chart } from 'chart.js';
import type { RankFigure } from '../figures/figure';
import {
  chartAt,
  type Drawing,
  groundPlugin,
  hoverLines,
  numericScale,
  type Place,
  sharedOptions,
} from './frame';
import { drawMarker, LINE_DASHES } from './marker';
import { rowColumns, rowPlugin } from './rows';

export function drawRank(place: Place, figure: RankFigure, drawing: Drawing): Chart {
  const { look, onSelect } = drawing;
  const { rows, axis } = figure;
  const colours = rows.map(({ deviceId }) => look.colourOf(deviceId));
  const columns = rowColumns(rows, look);
  return chartAt(place, {
    type: 'scatterWithErrorBars',
    data: {
      datasets: [
        {
          data: rows.map(({ value, interval }, y) => ({
            x: value,
            xMin: interval?.low ?? value,
            xMax: interval?.high ?? value,
            y,
            yMin: y,
            yMax: y,
          })),
        },
      ],
    },
    options: {
      ...sharedOptions(drawing),
      elements: {
        pointWithErrorBar: {
          // The marker is drawn by a plug-in: Chart.js has no hatched one.
          pointStyle: false,
          radius: 5,
          hitRadius: 8,
          errorBarColor: colours,
          errorBarWhiskerColor: colours,
          errorBarLineWidth: 1.5,
          errorBarWhiskerLineWidth: 1.5,
          errorBarWhiskerRatio: 0,
          errorBarWhiskerSize: 10,
        },
      },
      layout: { padding: { right: columns.right, top: 4 } },
      interaction: { mode: 'nearest', axis: 'y', intersect: false },
      onClick: (_, hits) => {
        const row = rows[hits[0]?.index ?? -1];
        if (row) onSelect?.(row.runId);
      },
      scales: { x: numericScale(axis, look), y: columns.scale },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => rows[hits[0]?.dataIndex ?? -1]?.label ?? '',
            label: ({ dataIndex }) => {
              const row = rows[dataIndex];
              return row ? hoverLines(row, [row.text, row.ratio ?? []].flat()) : [];
            },
          },
        },
      },
    },
    plugins: [
      groundPlugin(look),
      rowPlugin(rows, drawing, (row) => rows.find(({ runId }) => runId === row.runId)?.value ?? null),
      stems(figure, drawing),
      {
        id: 'markers',
        afterDatasetsDraw({ ctx, scales: { x, y } }) {
          if (!x || !y) return;
          rows.forEach((row, i) => {
            const at = { x: x.getPixelForValue(row.value), y: y.getPixelForValue(i) };
            drawMarker(ctx, row, at, colours[i]!, look);
          });
        },
      },
    ],
  });
}

/** Bars start at zero: a stem from it where the axis does. */
function stems({ rows, axis }: RankFigure, { look }: Drawing) {
  return {
    id: 'stems',
    beforeDatasetsDraw({ ctx, chartArea, scales: { x, y } }: Chart) {
      if (!x || !y || axis.scale !== 'linear' || axis.range.low !== 0) return;
      ctx.save();
      ctx.globalAlpha = 0.45;
      ctx.lineWidth = 4;
      rows.forEach((row, i) => {
        ctx.strokeStyle = look.colourOf(row.deviceId);
        ctx.setLineDash(LINE_DASHES[row.kind]);
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y.getPixelForValue(i));
        ctx.lineTo(x.getPixelForValue(row.value), y.getPixelForValue(i));
        ctx.stroke();
      });
      ctx.restore();
    },
  };
}
