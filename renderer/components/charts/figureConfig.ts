/**
 * Draws a {@link Figure} in the manner of a forest plot: a row a run, its name on the left, its point with
 * the interval in the middle, its value in figures on the right, so that no legend is needed. Colour is the
 * device, shape the mode; an emulator's time is hollow, an invalid run crossed.
 */
import { Chart, type ChartConfiguration, LinearScale, LogarithmicScale, Tooltip } from 'chart.js';
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars';
import type { Figure, FigureRow } from '../../../core/report/figures';
import { MODE_SHAPES } from '../../palette';
import { FONT_SIZE_PX, type Look, type Marks, ROW_HEIGHT_PX, rowPlugin } from './figureRows';

Chart.register(ScatterWithErrorBarsController, PointWithErrorBar, LinearScale, LogarithmicScale, Tooltip);

/** The axis and the space around. */
const FRAME_HEIGHT_PX = 36;

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
          afterBuildTicks: (axis) => {
            if (figure.scale === 'logarithmic') axis.ticks = logarithmicTicks(figure.range);
          },
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
            callback: (value) => String(Number(Number(value).toPrecision(6))),
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

/** 1, 2 and 5 of each power of ten in the range, or the powers alone where that is too many. */
function logarithmicTicks({ low, high }: Figure['range']): { value: number }[] {
  const exponents: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) exponents.push(e);
  const all = exponents.flatMap((e) => [1, 2, 5].map((digit) => digit * 10 ** e));
  const inside = all.filter((value) => value >= low && value <= high);
  const chosen = inside.length <= 8 ? inside : inside.filter((value) => Number.isInteger(Math.log10(value)));
  return chosen.map((value) => ({ value }));
}
