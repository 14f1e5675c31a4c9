/** What figures with a row a run have around their plot: labels, values, the selected row, the baseline's line. */
import type { Plugin, Scale } from 'chart.js';
import type { Mark } from '../figures/figure';
import { canvasFont, type Drawing } from './frame';
import { fitted, type Look, ROW_HEIGHT_PX } from './look';

export interface DrawnRow extends Mark {
  text: string;
  ratio: string | null;
}

const GAP_PX = 12;
/** Labels take at most this share of a chart's width. */
const LABEL_SHARE = 0.4;
/** Bold letters are wider. */
const BOLD_ROOM = 0.93;

function columnWidth(texts: readonly (string | null)[], look: Look): number {
  const widths = texts.flatMap((text) => (text === null || text === '' ? [] : look.widthOf(text)));
  return widths.length === 0 ? 0 : Math.ceil(Math.max(...widths)) + GAP_PX;
}

/** The value with the sign that it was not measured like the others. */
function valueText({ text, unlike }: DrawnRow): string {
  return unlike.length > 0 ? `≠ ${text}` : text;
}

export interface RowColumns {
  /** Room on the right for values and ratios. */
  right: number;
  /** The vertical scale: no ticks, as wide as the labels need. */
  scale: object;
}

export function rowColumns(rows: readonly DrawnRow[], look: Look): RowColumns {
  const labels = columnWidth(
    rows.map(({ label }) => label),
    look,
  );
  return {
    right:
      columnWidth(rows.map(valueText), look) / BOLD_ROOM +
      columnWidth(
        rows.map(({ ratio }) => ratio),
        look,
      ),
    scale: {
      type: 'linear',
      reverse: true,
      min: -0.5,
      max: rows.length - 0.5,
      afterFit: (axis: Scale) => {
        axis.width = Math.min(labels, axis.chart.width * LABEL_SHARE);
      },
      grid: { display: false },
      border: { color: look.line },
      ticks: { display: false },
    },
  };
}

/** @param baseline the value of the baseline's row, where a line at it says something */
export function rowPlugin(
  rows: readonly DrawnRow[],
  { look, marks }: Drawing,
  baseline: (row: DrawnRow) => number | null,
): Plugin {
  const ratios = columnWidth(
    rows.map(({ ratio }) => ratio),
    look,
  );
  return {
    id: 'rows',
    beforeDatasetsDraw({ ctx, chartArea, scales: { x, y }, width }) {
      if (!x || !y) return;
      const { selectedRunId, baselineRunId } = marks();
      ctx.save();
      ctx.fillStyle = look.selected;
      rows.forEach(({ runId }, i) => {
        if (runId !== selectedRunId) return;
        const height = Math.abs(y.getPixelForValue(1) - y.getPixelForValue(0));
        ctx.fillRect(0, y.getPixelForValue(i) - height / 2, width, height);
      });
      const base = rows.find(({ runId }) => runId === baselineRunId);
      const value = base ? baseline(base) : null;
      if (value !== null) {
        ctx.strokeStyle = look.quiet;
        ctx.lineWidth = 1;
        ctx.setLineDash([4, 3]);
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(value), chartArea.top);
        ctx.lineTo(x.getPixelForValue(value), chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
    afterDatasetsDraw({ ctx, chartArea, scales: { y }, width }) {
      if (!y) return;
      const { selectedRunId } = marks();
      ctx.save();
      ctx.textBaseline = 'middle';
      rows.forEach((row, i) => {
        const at = y.getPixelForValue(i);
        ctx.font = canvasFont(look, row.runId === selectedRunId ? 'bold' : 'normal');
        ctx.fillStyle = look.text;
        ctx.textAlign = 'right';
        const room = (chartArea.left - GAP_PX) * (row.runId === selectedRunId ? BOLD_ROOM : 1);
        ctx.fillText(fitted(row.label, room, look), chartArea.left - GAP_PX, at);
        ctx.fillText(valueText(row), width - ratios - 2, at);
        if (row.ratio === null) return;
        ctx.fillStyle = look.quiet;
        ctx.fillText(row.ratio, width - 2, at);
      });
      ctx.restore();
    },
  };
}

export function rowsHeightPx(rows: number, rowHeight = ROW_HEIGHT_PX): number {
  return rows * rowHeight + 32;
}
