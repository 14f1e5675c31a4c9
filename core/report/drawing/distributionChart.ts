/** A box with its whiskers over a strip of every sample, a row a run. */
import '@sgratzl/chartjs-chart-boxplot';
import type { Chart, Plugin } from 'chart.js';
import { quantileSorted } from 'simple-statistics';
import type { DistributionFigure } from '../figures/figure';
import { formatCount, formatNumber } from '../format';
import {
  chartAt,
  type Drawing,
  groundPlugin,
  hoverLines,
  numericScale,
  type Place,
  sharedOptions,
} from './frame';
import { LINE_DASHES } from './marker';
import { rowColumns, rowPlugin } from './rows';

export const BOX_ROW_PX = 32;
/** Half the height of a strip. */
const STRIP_PX = 5;

/** Tukey's box: quartiles, and whiskers to the last sample within 1.5 of their distance. */
function boxOf(samples: number[]) {
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantileSorted(samples, p)) as [
    number,
    number,
    number,
  ];
  const reach = 1.5 * (q3 - q1);
  const whiskerMin = samples.find((sample) => sample >= q1 - reach) ?? q1;
  const beyond = samples.findIndex((sample) => sample > q3 + reach);
  const whiskerMax = samples.at(beyond < 0 ? -1 : beyond - 1) ?? q3;
  const [min, max] = [samples[0]!, samples.at(-1)!];
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  return { min, q1, median, q3, max, whiskerMin, whiskerMax, mean, items: [], outliers: [] };
}

export function drawDistribution(place: Place, figure: DistributionFigure, drawing: Drawing): Chart {
  const { look, onSelect } = drawing;
  const rows = figure.rows.map((row) => ({ ...row, ratio: null }));
  const columns = rowColumns(rows, look);
  const colours = rows.map(({ deviceId }) => look.colourOf(deviceId));
  return chartAt(place, {
    type: 'boxplot',
    data: {
      labels: rows.map(({ label }) => label),
      datasets: [
        {
          data: rows.map(({ samples, scale }) => boxOf(samples.map((sample) => sample * scale))),
          borderColor: colours,
          backgroundColor: 'transparent',
          medianColor: colours,
          borderWidth: 1.5,
          barThickness: 16,
          meanRadius: 0,
          outlierRadius: 0,
          itemRadius: 0,
        },
      ],
    },
    options: {
      ...sharedOptions(drawing),
      indexAxis: 'y',
      layout: { padding: { right: columns.right, top: 4 } },
      interaction: { mode: 'nearest', axis: 'y', intersect: false },
      onClick: (_, hits) => {
        const row = rows[hits[0]?.index ?? -1];
        if (row) onSelect?.(row.runId);
      },
      scales: {
        x: numericScale(figure.axis, look),
        y: {
          ...columns.scale,
          type: 'category',
          min: undefined,
          max: undefined,
          reverse: false,
          offset: true,
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => rows[hits[0]?.dataIndex ?? -1]?.label ?? '',
            label: ({ dataIndex }) => {
              const row = rows[dataIndex];
              if (!row) return [];
              const { samples } = row;
              const [low, high] = [samples[0]!, samples.at(-1)!].map(formatNumber);
              return hoverLines(row, [
                `p50, p90, p99: ${row.text} ms`,
                `${formatCount(samples.length)} samples from ${low} to ${high} ms`,
              ]);
            },
          },
        },
      },
    },
    plugins: [groundPlugin(look), rowPlugin(rows, drawing, () => null), strips(figure, drawing)],
  });
}

/** Every sample as a tick. Ticks that fall on the same half pixel are drawn once: more ink would say no more. */
function strips({ rows }: DistributionFigure, { look }: Drawing): Plugin {
  return {
    id: 'strips',
    beforeDatasetsDraw({ ctx, scales: { x, y } }) {
      if (!x || !y) return;
      ctx.save();
      ctx.globalAlpha = 0.5;
      ctx.lineWidth = 1;
      rows.forEach((row, i) => {
        ctx.strokeStyle = look.colourOf(row.deviceId);
        ctx.setLineDash(row.kind === 'measured' ? [] : LINE_DASHES[row.kind]);
        const middle = y.getPixelForValue(i);
        const places = new Set(
          row.samples.map((sample) => Math.round(2 * x.getPixelForValue(sample * row.scale)) / 2),
        );
        ctx.beginPath();
        for (const place of places) {
          ctx.moveTo(place, middle - STRIP_PX);
          ctx.lineTo(place, middle + STRIP_PX);
        }
        ctx.stroke();
      });
      ctx.restore();
    },
  };
}
