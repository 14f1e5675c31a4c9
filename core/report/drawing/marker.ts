/**
 * The shape of a mark: mode by outline, kind by filling. Measured is solid, typed-in outlined, emulated hatched,
 * estimated hollow with a dashed outline; what is invalid is crossed out.
 */
import type { Chart } from 'chart.js';
import type { Kind, Mark } from '../figures/figure';
import type { Look } from './look';
import { MODE_SHAPES } from './palette';

export const MARKER_RADIUS_PX = 5;

/** Of a line of this kind. */
export const LINE_DASHES: Record<Kind, number[]> = {
  measured: [],
  'typed-in': [10, 2],
  emulated: [6, 3],
  estimated: [2, 3],
};

type Context = Chart['ctx'];

function outline(ctx: Context, mode: Mark['mode'], x: number, y: number, r: number): void {
  ctx.beginPath();
  switch (MODE_SHAPES[mode]) {
    case 'rect':
      ctx.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      return;
    case 'circle':
      circle(ctx, x, y, r);
      return;
    case 'triangle':
      ctx.moveTo(x, y - 1.15 * r);
      ctx.lineTo(x + 1.1 * r, y + 0.8 * r);
      ctx.lineTo(x - 1.1 * r, y + 0.8 * r);
      ctx.closePath();
  }
}

/**
 * Four cubic curves, off a circle by 0.03 % of its radius: of an arc Skia makes five kilobytes in an SVG.
 */
export function circle(ctx: Context, x: number, y: number, r: number): void {
  const k = 0.5523 * r;
  ctx.moveTo(x + r, y);
  ctx.bezierCurveTo(x + r, y + k, x + k, y + r, x, y + r);
  ctx.bezierCurveTo(x - k, y + r, x - r, y + k, x - r, y);
  ctx.bezierCurveTo(x - r, y - k, x - k, y - r, x, y - r);
  ctx.bezierCurveTo(x + k, y - r, x + r, y - k, x + r, y);
  ctx.closePath();
}

/** Diagonal lines within the path that was drawn last. */
function hatch(ctx: Context, x: number, y: number, r: number): void {
  ctx.save();
  ctx.clip();
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let offset = -2 * r; offset <= 2 * r; offset += 3) {
    ctx.moveTo(x + offset - r, y + r);
    ctx.lineTo(x + offset + r, y - r);
  }
  ctx.stroke();
  ctx.restore();
}

export function drawMarker(
  ctx: Context,
  { mode, kind, valid }: Pick<Mark, 'mode' | 'kind' | 'valid'>,
  { x, y }: { x: number; y: number },
  colour: string,
  look: Look,
  radius = MARKER_RADIUS_PX,
): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = kind === 'measured' ? colour : look.ground;
  ctx.lineWidth = 1.5;
  if (!valid) {
    ctx.beginPath();
    ctx.moveTo(x - radius, y - radius);
    ctx.lineTo(x + radius, y + radius);
    ctx.moveTo(x + radius, y - radius);
    ctx.lineTo(x - radius, y + radius);
    ctx.stroke();
    ctx.restore();
    return;
  }
  outline(ctx, mode, x, y, radius);
  ctx.fill();
  if (kind === 'emulated') {
    hatch(ctx, x, y, radius);
    outline(ctx, mode, x, y, radius);
  }
  if (kind === 'estimated') ctx.setLineDash([2, 2]);
  ctx.stroke();
  ctx.restore();
}
