/** Lines with their names at their ends. Colour is the device, the marker the mode, the dash the kind. */
import 'chartjs-chart-error-bars';
import { Chart, type ChartItem, type Plugin } from 'chart.js';
import { median } from '../../statistics/percentiles';
import type { LinesFigure } from '../figures/figure';
import { formatNumber, formatWithInterval } from '../format';
import {
  canvasFont,
  type Drawing,
  groundPlugin,
  hoverLines,
  numericScale,
  sharedOptions,
  spread,
} from './frame';
import { FONT_SIZE_PX, fitted } from './look';
import { circle, drawMarker, LINE_DASHES } from './marker';

/** Names at the ends of lines take at most this. */
const LABEL_PX = 220;

export function drawLines(canvas: ChartItem, figure: LinesFigure, drawing: Drawing): Chart {
  const { look, onSelect } = drawing;
  const { lines } = figure;
  const names = lines.map(({ label, unlike }) =>
    fitted(unlike.length > 0 ? `≠ ${label}` : label, LABEL_PX, look),
  );
  return new Chart(canvas, {
    // Where the points are readings over time, none has an interval of its own.
    type: figure.pointwise ? 'scatterWithErrorBars' : 'scatter',
    data: {
      datasets: lines.map((line) => {
        const colour = look.colourOf(line.deviceId);
        return {
          data: line.points.map(({ x, y, interval }) => ({
            ...{ x, xMin: x, xMax: x },
            ...{ y, yMin: interval?.low ?? y, yMax: interval?.high ?? y },
          })),
          pointRadius: 0,
          pointHitRadius: 8,
          showLine: true,
          spanGaps: false,
          borderColor: colour,
          borderDash: LINE_DASHES[line.kind],
          borderWidth: 1.5,
          errorBarColor: colour,
          errorBarWhiskerColor: colour,
        };
      }),
    },
    options: {
      ...sharedOptions(drawing),
      elements: {
        pointWithErrorBar: {
          pointStyle: false,
          hitRadius: 8,
          errorBarLineWidth: 1,
          errorBarWhiskerLineWidth: 1,
          errorBarWhiskerRatio: 0,
          errorBarWhiskerSize: 6,
        },
      },
      layout: { padding: { top: 8, right: Math.max(0, ...names.map(look.widthOf)) + 16 } },
      interaction: { mode: 'nearest', intersect: false },
      onClick: (_, hits) => {
        const [hit] = hits;
        const point = hit && lines[hit.datasetIndex]?.points[hit.index];
        if (point) onSelect?.(point.runId);
      },
      scales: {
        x: xScale(figure, drawing),
        y: numericScale(figure.y, look, true),
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => lines[hits[0]?.datasetIndex ?? -1]?.label ?? '',
            label: ({ datasetIndex, dataIndex }) => {
              const line = lines[datasetIndex];
              const point = line?.points[dataIndex];
              if (!line || !point) return [];
              const value = formatWithInterval(point.y, point.interval);
              return hoverLines(line, [
                `${value} ${figure.y.title}`,
                `${formatNumber(point.x)} ${figure.x.title}`,
              ]);
            },
          },
        },
      },
    },
    plugins: [groundPlugin(look), lineEnds(figure, names, drawing)],
  });
}

/** Along batch sizes each one that was run has its tick. */
function xScale({ x, lines, pointwise }: LinesFigure, { look }: Drawing) {
  const scale = numericScale(x, look, true);
  if (!pointwise || x.scale !== 'logarithmic') return scale;
  const values = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  return {
    ...scale,
    afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
      axis.ticks = values.map((value) => ({ value }));
    },
    ticks: { ...scale.ticks, autoSkip: true },
  };
}

/** Markers on the points, and the name of each line where it ends. */
function lineEnds(
  { lines, pointwise }: LinesFigure,
  names: readonly string[],
  { look, marks }: Drawing,
): Plugin {
  return {
    id: 'ends',
    afterDatasetsDraw({ ctx, chartArea, scales: { x, y } }) {
      if (!x || !y) return;
      const { selectedRunId } = marks();
      ctx.save();
      lines.forEach((line) => {
        if (!pointwise) return;
        for (const point of line.points) {
          const at = { x: x.getPixelForValue(point.x), y: y.getPixelForValue(point.y) };
          if (point.runId === selectedRunId) {
            ctx.fillStyle = look.selected;
            ctx.beginPath();
            circle(ctx, at.x, at.y, 11);
            ctx.fill();
          }
          drawMarker(ctx, line, at, look.colourOf(line.deviceId), look, 4);
        }
      });
      const lasts = lines.map(({ points }) => points.filter(({ y: value }) => !Number.isNaN(value)).at(-1));
      // A sensor's line ends at rest: its name stands at the height at which it spends its time.
      const levels = lines.map(({ points }, i) =>
        pointwise
          ? (lasts[i]?.y ?? 0)
          : median(points.map((point) => point.y).filter((v) => !Number.isNaN(v))),
      );
      const wanted = levels.map((level) => y.getPixelForValue(level));
      const places = spread(wanted, FONT_SIZE_PX + 3, chartArea.top, chartArea.bottom);
      ctx.textAlign = 'left';
      ctx.textBaseline = 'middle';
      lines.forEach((line, i) => {
        const last = lasts[i];
        if (!last) return;
        const selected = line.points.some(({ runId }) => runId === selectedRunId);
        ctx.strokeStyle = look.line;
        ctx.beginPath();
        ctx.moveTo(pointwise ? x.getPixelForValue(last.x) + 6 : chartArea.right, wanted[i]!);
        ctx.lineTo(chartArea.right + 8, places[i]!);
        ctx.stroke();
        ctx.font = canvasFont(look, selected ? 'bold' : 'normal');
        ctx.fillStyle = look.text;
        ctx.fillText(names[i]!, chartArea.right + 11, places[i]!);
      });
      ctx.restore();
    },
  };
}
