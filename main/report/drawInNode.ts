/**
 * Figures as pictures without a window: Chart.js on Skia's canvas. As SVG, Skia gives the shapes, and the texts are
 * put in as text elements: Skia would give a glyph each, which nobody can search or copy.
 */
import { createCanvas, GlobalFonts, type SKRSContext2D, SvgExportFlag } from '@napi-rs/canvas';
import { drawFigure, figureHeightPx } from '../../core/report/drawing/drawFigure';
import type { Drawing } from '../../core/report/drawing/frame';
import { FONT_SIZE_PX, type Marks, paperLook } from '../../core/report/drawing/look';
import { escapeMarkup } from '../../core/report/escapeMarkup';
import type { Figure } from '../../core/report/figures/figure';
import { figureInWords } from '../../core/report/figures/notes';

/** The width of a column of text on A4. */
export const PAGE_WIDTH_PX = 680;

export interface PictureOptions {
  /** Devices in the order of their colours. */
  deviceIds: readonly string[];
  marks: Marks;
  widthPx?: number;
}

const FONT = paperLook([], () => 0).font;

/** Measures texts. Without any font Skia measures nothing, and a guess keeps the texts apart. */
function ruler(): (text: string) => number {
  const hasFonts = GlobalFonts.families.length > 0;
  const context = createCanvas(1, 1).getContext('2d');
  context.font = `${FONT_SIZE_PX}px ${FONT}`;
  return (text) => (hasFonts ? context.measureText(text).width : 0.55 * FONT_SIZE_PX * text.length);
}

function drawingOf({ deviceIds, marks }: PictureOptions, pixelRatio: number): Drawing {
  return { look: paperLook(deviceIds, ruler()), marks: () => marks, pixelRatio };
}

/** @returns an SVG element whose ids are led by the figure's, so that several can stand in one page */
export function figureSvg(figure: Figure, options: PictureOptions): string {
  const width = options.widthPx ?? PAGE_WIDTH_PX;
  const height = figureHeightPx(figure);
  const canvas = createCanvas(width, height, SvgExportFlag.NoPrettyXML);
  const texts: string[] = [];
  const context = canvas.getContext('2d');
  context.fillText = (text, x, y) => {
    texts.push(textElement(context, text, x, y, { fill: colourText(context.fillStyle) }));
  };
  context.strokeText = (text, x, y) => {
    const rim = { stroke: colourText(context.strokeStyle), 'stroke-width': String(context.lineWidth) };
    texts.push(textElement(context, text, x, y, { ...rim, 'aria-hidden': 'true' }));
  };
  drawFigure(canvas, figure, drawingOf(options, 1)).destroy();
  const content = canvas.getContent().toString('utf8');
  const shapes = content.slice(
    content.indexOf('>', content.indexOf('<svg')) + 1,
    content.lastIndexOf('</svg>'),
  );
  const prefix = figure.id.replace(/[^A-Za-z0-9]/g, '-');
  const unique = shapes
    .replace(/(\bid="|url\(#|href="#)/g, (start) => `${start}${prefix}-`)
    .replace(/ stroke-miterlimit="10"/g, '')
    .replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" `,
    `viewBox="0 0 ${width} ${height}" font-family="${escapeMarkup(FONT)}" font-size="${FONT_SIZE_PX}" role="img">`,
    `<title>${escapeMarkup(figureInWords(figure))}</title>`,
    `${unique}${texts.join('')}</svg>`,
  ].join('');
}

const ANCHORS: Record<string, string> = { right: 'end', end: 'end', center: 'middle' };
/** How far the alphabetic baseline is below the point that was named, in shares of the letters' size. */
const BASELINES: Record<string, number> = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2 };

function textElement(
  context: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  attributes: Record<string, string>,
): string {
  const { a, b, c, d, e, f } = context.getTransform();
  const shift = (BASELINES[context.textBaseline] ?? 0) * FONT_SIZE_PX;
  const turned = b !== 0 || c !== 0 || a !== 1 || d !== 1;
  const all: Record<string, string> = {
    x: String(turned ? round(x) : round(x + e)),
    y: String(round(y + shift + (turned ? 0 : f))),
    ...(turned ? { transform: `matrix(${[a, b, c, d, e, f].map(round).join(' ')})` } : {}),
    ...(context.font.includes('bold') ? { 'font-weight': 'bold' } : {}),
    'text-anchor': ANCHORS[context.textAlign] ?? 'start',
    ...attributes,
  };
  const written = Object.entries(all).map(([name, value]) => ` ${name}="${escapeMarkup(value)}"`);
  return `<text${written.join('')}>${escapeMarkup(text)}</text>`;
}

function colourText(style: unknown): string {
  return typeof style === 'string' ? style : '#000';
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** @param pixelRatio device pixels a CSS pixel */
export function figurePng(figure: Figure, options: PictureOptions, pixelRatio = 2): Uint8Array {
  const width = options.widthPx ?? PAGE_WIDTH_PX;
  const canvas = createCanvas(width, figureHeightPx(figure));
  const chart = drawFigure(canvas, figure, drawingOf(options, pixelRatio));
  try {
    return Uint8Array.from(canvas.toBuffer('image/png'));
  } finally {
    chart.destroy();
  }
}
