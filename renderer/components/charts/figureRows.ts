/** What Chart.js itself does not draw in a figure: the row that is selected, stems, the baseline, the values. */
import type { Plugin } from 'chart.js';
import type { Figure } from '../../../core/report/figures';

export const ROW_HEIGHT_PX = 24;
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

/** The band behind the selected row, stems from zero, the baseline's line, and the values on the right. */
export function rowPlugin(figure: Figure, marks: Marks, look: Look): Plugin<'scatterWithErrorBars'> {
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
