/**
 * Draws a {@link Figure} in the manner of a forest plot: a row a run, its name on the left, its point with
 * the interval in the middle, its value in figures on the right, so that no legend is needed. Colour is the
 * device, shape the mode; an emulator's time is hollow, an invalid run crossed.
 */
import {
  Chart,
  type ChartConfiguration,
  LinearScale,
  LogarithmicScale,
  type Plugin,
  Tooltip,
} from 'chart.js';
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars';
import type { Figure, FigureRow } from '../../../core/report/figures';
import { MODE_SHAPES } from '../../palette';

Chart.register(ScatterWithErrorBarsController, PointWithErrorBar, LinearScale, LogarithmicScale, Tooltip);

export const ROW_HEIGHT_PX = 24;
/** The axis and the space around. */
const FRAME_HEIGHT_PX = 36;
export const FONT_SIZE_PX = 12;

/** The colours of the theme that stands now. */
export interface Look {
  text: string;
  quiet: string;
  line: string;
  ground: string;
  selected: string;
  font: string;
  /** Of a text in this look, in px. */
  widthOf(text: string): number;
  colourOf(deviceId: string): string;
}

/** What is marked in a figure by the person's choice. */
export interface Marks {
  selectedRunId: string | null;
  baselineRunId: string | null;
}

type FigureConfiguration = ChartConfiguration<'scatterWithErrorBars', FigurePoint[]>;

interface FigurePoint {
  x: number;
  xMin: number;
  xMax: number;
  y: number;
  yMin: number;
  yMax: number;
}

export function figureHeightPx(figure: Figure): number {
  return figure.rows.length * ROW_HEIGHT_PX + FRAME_HEIGHT_PX;
}

/** The figure in words, for those who cannot see it. */
export function figureInWords(figure: Figure): string {
  const rows = figure.rows.map((row) => `${row.label}: ${row.text}`).join('; ');
  return `${figure.question} ${figure.axis}. ${rows}.`;
}

function pointOf({ value, interval }: FigureRow, y: number): FigurePoint {
  return { x: value, xMin: interval?.low ?? value, xMax: interval?.high ?? value, y, yMin: y, yMax: y };
}

/** The band behind the selected row, stems from zero, the baseline's line, and the values on the right. */
function rowPlugin(figure: Figure, marks: Marks, look: Look): Plugin<'scatterWithErrorBars'> {
  return {
    id: 'rows',
    beforeDraw({ ctx, scales }) {
      const { y } = scales;
      const selected = figure.rows.findIndex((row) => row.runId === marks.selectedRunId);
      if (!y || selected < 0) return;
      ctx.save();
      ctx.fillStyle = look.selected;
      const top = y.getPixelForValue(selected) - ROW_HEIGHT_PX / 2;
      ctx.fillRect(0, top, ctx.canvas.clientWidth, ROW_HEIGHT_PX);
      ctx.restore();
    },
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const { x, y } = scales;
      if (!x || !y) return;
      ctx.save();
      if (figure.scale === 'linear' && figure.range.low === 0) {
        ctx.globalAlpha = 0.45;
        ctx.lineWidth = 4;
        figure.rows.forEach((row, index) => {
          ctx.strokeStyle = look.colourOf(row.deviceId);
          ctx.beginPath();
          ctx.moveTo(chartArea.left, y.getPixelForValue(index));
          ctx.lineTo(x.getPixelForValue(row.value), y.getPixelForValue(index));
          ctx.stroke();
        });
        ctx.globalAlpha = 1;
      }
      const baseline = figure.rows.find((row) => row.runId === marks.baselineRunId);
      if (baseline) {
        ctx.strokeStyle = look.quiet;
        ctx.lineWidth = 1;
        ctx.setLineDash([4, 3]);
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(baseline.value), chartArea.top);
        ctx.lineTo(x.getPixelForValue(baseline.value), chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
    afterDatasetsDraw({ ctx, scales }) {
      const { y } = scales;
      if (!y) return;
      ctx.save();
      ctx.font = `${FONT_SIZE_PX}px ${look.font}`;
      ctx.fillStyle = look.text;
      ctx.textAlign = 'right';
      ctx.textBaseline = 'middle';
      figure.rows.forEach((row, index) => {
        ctx.fillText(row.text, ctx.canvas.clientWidth - 4, y.getPixelForValue(index));
      });
      ctx.restore();
    },
  };
}

/** Room for the longest text of a column, in px. */
function columnWidth(texts: string[], look: Look): number {
  return Math.ceil(Math.max(...texts.map(look.widthOf))) + 16;
}

export function figureConfig(
  figure: Figure,
  marks: Marks,
  look: Look,
  onSelect: (runId: string) => void,
): FigureConfiguration {
  const { rows } = figure;
  const colours = rows.map((row) => look.colourOf(row.deviceId));
  const font = { size: FONT_SIZE_PX, family: look.font };
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: [
        {
          data: rows.map(pointOf),
        },
      ],
    },
    options: {
      animation: false,
      elements: {
        pointWithErrorBar: {
          pointStyle: rows.map((row) => (row.valid ? MODE_SHAPES[row.mode] : 'crossRot')),
          radius: 5,
          hoverRadius: 6,
          hitRadius: 8,
          borderWidth: 1.5,
          hoverBorderWidth: 1.5,
          borderColor: colours,
          backgroundColor: rows.map((row, i) => (row.emulated ? look.ground : colours[i]!)),
          errorBarColor: colours,
          errorBarWhiskerColor: colours,
          errorBarLineWidth: 1.5,
          errorBarWhiskerLineWidth: 1.5,
          errorBarWhiskerRatio: 0,
          errorBarWhiskerSize: 10,
        },
      },
      maintainAspectRatio: false,
      layout: {
        padding: {
          right: columnWidth(
            rows.map((row) => row.text),
            look,
          ),
          top: 4,
        },
      },
      interaction: { mode: 'nearest', axis: 'y', intersect: false },
      onClick: (_, hits) => {
        const row = rows[hits[0]?.index ?? -1];
        if (row) onSelect(row.runId);
      },
      scales: {
        x: {
          type: figure.scale,
          min: figure.range.low,
          max: figure.range.high,
          grid: { color: look.line },
          border: { display: false },
          ticks: {
            color: look.quiet,
            font,
            includeBounds: false,
            maxTicksLimit: 7,
            maxRotation: 0,
            callback: (value) => axisText(Number(value), figure.scale),
          },
        },
        y: {
          type: 'linear',
          reverse: true,
          min: -0.5,
          max: rows.length - 0.5,
          afterBuildTicks: (axis) => {
            axis.ticks = rows.map((_, value) => ({ value }));
          },
          afterFit: (axis) => {
            axis.width = columnWidth(
              rows.map((row) => row.label),
              look,
            );
          },
          grid: { display: false },
          border: { color: look.line },
          ticks: {
            color: look.text,
            font,
            autoSkip: false,
            callback: (value) => rows[Number(value)]?.label ?? '',
          },
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => rows[hits[0]?.dataIndex ?? -1]?.label ?? '',
            label: (hit) => rows[hit.dataIndex]?.text ?? '',
          },
        },
      },
    },
    plugins: [rowPlugin(figure, marks, look)],
  };
}

/** A number on the axis; on a logarithmic one only 1, 2 and 5 of each power are written. */
function axisText(value: number, scale: Figure['scale']): string {
  if (scale === 'logarithmic') {
    const leading = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    if (![1, 2, 5].includes(Math.round(leading * 100) / 100)) return '';
  }
  return String(Number(value.toPrecision(6)));
}
