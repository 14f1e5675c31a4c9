/** What the drawings of all figures share. */
import {
  Chart,
  type ChartConfiguration,
  type ChartItem,
  type ChartOptions,
  type ChartType,
  type Plugin,
  type ScaleOptionsByType,
} from 'chart.js';
import type { Axis, Mark } from '../figures/figure';
import { FONT_SIZE_PX, type Look, type Marks } from './look';

/** How a figure is drawn, and what a click on one of its marks does. */
export interface Drawing {
  look: Look;
  /** Read at each drawing, so that a new choice needs no new chart. */
  marks(): Marks;
  onSelect?(runId: string): void;
  /** Fixed where nothing tells the chart how large it is: device pixels a CSS pixel. */
  pixelRatio?: number;
}

/** Where a figure is drawn: on a canvas, or instead of what a chart of the same type shows. */
export type Place = ChartItem | Chart;

/** A chart that stands is changed: its canvas need not be made again. */
export function chartAt<Type extends ChartType>(place: Place, config: ChartConfiguration<Type>): Chart<Type> {
  if (!isOfType(place, config)) return new Chart<Type>(place, config);
  place.data = config.data;
  if (config.options) place.options = config.options;
  place.config.plugins?.splice(0, place.config.plugins.length, ...(config.plugins ?? []));
  const { width, height } = place;
  place.resize();
  // With a new size it was drawn anew.
  if (place.width === width && place.height === height) place.update('none');
  return place;
}

function isOfType<Type extends ChartType>(
  place: ChartItem | Chart<ChartType> | Chart<Type>,
  { type }: ChartConfiguration<Type>,
): place is Chart<Type> {
  return place instanceof Chart && 'type' in place.config && place.config.type === type;
}

type Shared = Pick<
  ChartOptions<'scatterWithErrorBars'>,
  'animation' | 'responsive' | 'maintainAspectRatio' | 'devicePixelRatio' | 'events'
>;

export function sharedOptions({ pixelRatio }: Drawing): Shared {
  const fixed = pixelRatio === undefined ? {} : { devicePixelRatio: pixelRatio, events: [] };
  return { animation: false, responsive: pixelRatio === undefined, maintainAspectRatio: false, ...fixed };
}

export function fontOf(look: Look): { size: number; family: string } {
  return { size: FONT_SIZE_PX, family: look.font };
}

/** As {@link fontOf}, for the context of a canvas. */
export function canvasFont(look: Look, weight: 'normal' | 'bold' = 'normal'): string {
  return `${weight} ${FONT_SIZE_PX}px ${look.font}`;
}

type NumericScale = ScaleOptionsByType<'linear' | 'logarithmic'>;

/** A numeric axis; its title stands in the text above the chart where `titled` is not set. */
export function numericScale(axis: Axis, look: Look, titled = false) {
  const font = fontOf(look);
  return {
    type: axis.scale,
    min: axis.range.low,
    max: axis.range.high,
    afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
      if (axis.scale === 'logarithmic') scale.ticks = logarithmicTicks(axis.range);
    },
    title: { display: titled, text: axis.title, color: look.quiet, font },
    grid: { color: look.line },
    border: { display: false },
    ticks: {
      color: look.quiet,
      font,
      includeBounds: false,
      maxTicksLimit: 7,
      maxRotation: 0,
      callback: (value: number | string) => tickText(Number(value)),
    },
  } satisfies Partial<Record<keyof NumericScale | 'type', unknown>>;
}

function tickText(value: number): string {
  const plain = String(Number(value.toPrecision(6)));
  return value >= 10_000 ? Number(plain).toLocaleString('en-US') : plain;
}

/** 1, 2 and 5 of each power of ten in the range, or the powers alone where that is too many. */
export function logarithmicTicks({ low, high }: Axis['range']): { value: number }[] {
  const exponents: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) exponents.push(e);
  const all = exponents.flatMap((e) => [1, 2, 5].map((digit) => digit * 10 ** e));
  const inside = all.filter((value) => value >= low && value <= high);
  const chosen = inside.length <= 8 ? inside : inside.filter((value) => Number.isInteger(Math.log10(value)));
  return chosen.map((value) => ({ value }));
}

/** Fills the ground, so that a picture of the chart has one. */
export function groundPlugin(look: Look): Plugin {
  return {
    id: 'ground',
    beforeDraw({ ctx, width, height }) {
      ctx.save();
      ctx.fillStyle = look.ground;
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };
}

/** What hovering over a mark says, a line each. */
export function hoverLines(mark: Mark, values: string[]): string[] {
  return [
    ...values,
    ...(mark.kind === 'measured' ? [] : [mark.kind]),
    ...(mark.valid ? [] : ['invalid']),
    ...mark.unlike.map((text) => `≠ ${text}`),
  ];
}

/** Places for texts on one line of sight, pushed apart so that none covers another; as near as can be. */
export function spread(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  let least = low;
  for (const i of order) {
    places[i] = Math.max(places[i]!, least);
    least = places[i]! + gap;
  }
  let most = high;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i]!, most);
    most = places[i]! - gap;
  }
  return places;
}
