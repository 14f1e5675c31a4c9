/** Two values against each other, each point named where there is room, the front as a stepped line. */
import 'chartjs-chart-error-bars';
import { Chart, type ChartItem, type Plugin } from 'chart.js';
import type { TradeOffFigure, TradeOffPoint } from '../figures/figure';
import { canvasFont, type Drawing, groundPlugin, hoverLines, numericScale, sharedOptions } from './frame';
import { FONT_SIZE_PX, fitted } from './look';
import { circle, drawMarker, MARKER_RADIUS_PX } from './marker';

/** Labels are cut to this width. */
const LABEL_PX = 240;

export function drawTradeOff(canvas: ChartItem, figure: TradeOffFigure, drawing: Drawing): Chart {
  const { look, onSelect } = drawing;
  const { points } = figure;
  const colours = points.map(({ deviceId }) => look.colourOf(deviceId));
  // Intervals of accuracy are long beside the differences: they stay in the background.
  const faint = colours.map((colour) => `${colour}66`);
  const pick = (index: number | undefined) => points[index ?? -1];
  return new Chart(canvas, {
    type: 'scatterWithErrorBars',
    data: {
      datasets: [
        {
          data: points.map(({ x, y, xInterval, yInterval }) => ({
            ...{ x, xMin: xInterval?.low ?? x, xMax: xInterval?.high ?? x },
            ...{ y, yMin: yInterval?.low ?? y, yMax: yInterval?.high ?? y },
          })),
        },
      ],
    },
    options: {
      ...sharedOptions(drawing),
      elements: {
        pointWithErrorBar: {
          pointStyle: false,
          radius: 5,
          hitRadius: 8,
          errorBarColor: faint,
          errorBarWhiskerColor: faint,
          errorBarLineWidth: 1,
          errorBarWhiskerLineWidth: 1,
          errorBarWhiskerRatio: 0,
          errorBarWhiskerSize: 6,
        },
      },
      layout: { padding: { top: 8, right: 16 } },
      interaction: { mode: 'nearest', intersect: false },
      onClick: (_, hits) => {
        const point = pick(hits[0]?.index);
        if (point) onSelect?.(point.runId);
      },
      scales: {
        x: numericScale(figure.x, look, true),
        y: numericScale(figure.y, look, true),
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (hits) => pick(hits[0]?.dataIndex)?.label ?? '',
            label: ({ dataIndex }) => {
              const point = pick(dataIndex);
              return point ? hoverLines(point, [`${point.yText} %`, point.xText]) : [];
            },
          },
        },
      },
    },
    plugins: [groundPlugin(look), front(points, drawing), named(points, drawing)],
  });
}

/** A step from each point of the front to the next: what lies to its right and below is beaten. */
function front(points: readonly TradeOffPoint[], { look }: Drawing): Plugin {
  const onFront = points.filter((point) => point.onFront).sort((a, b) => a.x - b.x);
  return {
    id: 'front',
    beforeDatasetsDraw({ ctx, chartArea, scales: { x, y } }) {
      if (!x || !y || onFront.length === 0) return;
      ctx.save();
      ctx.strokeStyle = look.quiet;
      ctx.lineWidth = 1;
      ctx.beginPath();
      onFront.forEach((point, i) => {
        const [px, py] = [x.getPixelForValue(point.x), y.getPixelForValue(point.y)];
        const before = onFront[i - 1];
        if (before === undefined) ctx.moveTo(px, chartArea.bottom);
        else ctx.lineTo(px, y.getPixelForValue(before.y));
        ctx.lineTo(px, py);
      });
      const last = onFront.at(-1);
      if (last) ctx.lineTo(chartArea.right, y.getPixelForValue(last.y));
      ctx.stroke();
      ctx.restore();
    },
  };
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Markers, and beside each its name where that covers nothing: the front's first, then the selected one. */
function named(points: readonly TradeOffPoint[], { look, marks }: Drawing): Plugin {
  const importance = (point: TradeOffPoint) =>
    (point.runId === marks().selectedRunId ? 2 : 0) + (point.onFront ? 1 : 0);
  return {
    id: 'named',
    afterDatasetsDraw({ ctx, chartArea, scales: { x, y } }) {
      if (!x || !y) return;
      const at = (point: TradeOffPoint) => ({
        x: x.getPixelForValue(point.x),
        y: y.getPixelForValue(point.y),
      });
      const taken = points.map((point): Box => around(at(point), MARKER_RADIUS_PX + 1));
      ctx.save();
      for (const point of points) {
        if (point.runId === marks().selectedRunId) {
          const place = at(point);
          ctx.fillStyle = look.selected;
          ctx.beginPath();
          circle(ctx, place.x, place.y, 2.4 * MARKER_RADIUS_PX);
          ctx.fill();
        }
        drawMarker(ctx, point, at(point), look.colourOf(point.deviceId), look);
      }
      ctx.fillStyle = look.text;
      // A rim of the ground keeps the letters apart from lines behind them.
      ctx.strokeStyle = look.ground;
      ctx.lineWidth = 3;
      ctx.lineJoin = 'round';
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      ctx.font = canvasFont(look);
      const order = points.map((_, i) => i).sort((a, b) => importance(points[b]!) - importance(points[a]!));
      for (const i of order) {
        const point = points[i]!;
        const text = fitted(point.unlike.length > 0 ? `≠ ${point.label}` : point.label, LABEL_PX, look);
        const width = look.widthOf(text);
        const free = candidates(at(point), width).find(
          (box) =>
            box.left >= chartArea.left &&
            box.right <= chartArea.right &&
            box.top >= chartArea.top - 4 &&
            box.bottom <= chartArea.bottom &&
            !taken.some((other, k) => k !== i && overlaps(box, other)),
        );
        if (!free) continue;
        taken.push(free);
        ctx.strokeText(text, free.left, (free.top + free.bottom) / 2);
        ctx.fillText(text, free.left, (free.top + free.bottom) / 2);
      }
      ctx.restore();
    },
  };
}

function around({ x, y }: { x: number; y: number }, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

/** Right of a point, left of it, above and below, the best first. */
function candidates({ x, y }: { x: number; y: number }, width: number): Box[] {
  const half = FONT_SIZE_PX / 2 + 1;
  const gap = MARKER_RADIUS_PX + 4;
  const box = (left: number, middle: number): Box => ({
    ...{ left, right: left + width, top: middle - half, bottom: middle + half },
  });
  // Level with the point would be on the line of the front.
  return [
    box(x + gap, y - gap),
    box(x + gap, y + gap),
    box(x - gap - width, y - gap),
    box(x - gap - width, y + gap),
    box(x - width / 2, y - gap - half),
    box(x - width / 2, y + gap + half),
    box(x + gap, y),
    box(x - gap - width, y),
  ];
}
