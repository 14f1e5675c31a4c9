/**
 * One description of a chart, for the window and for reports: a question, and marks that stand for runs. Whoever
 * draws it adds colours and pixels, no numbers.
 */
import type { Mode } from '../../network/topology';

/**
 * Where a value comes from. Told apart by shape: measured is solid, typed-in outlined, emulated hatched, estimated
 * hollow and dashed. An estimate has no ratio to what was measured.
 */
export type Kind = 'measured' | 'typed-in' | 'emulated' | 'estimated';

/** What is drawn for one run. */
export interface Mark {
  runId: string;
  deviceId: string;
  mode: Mode;
  kind: Kind;
  valid: boolean;
  /** What tells this mark from the others of the figure. */
  label: string;
  /** What makes the run unlike the one that it is compared with, a text each; see core/evaluation/comparison.ts. */
  unlike: string[];
}

export interface Range {
  low: number;
  high: number;
}

export interface Axis {
  /** Name and unit; says where it is logarithmic. */
  title: string;
  scale: 'linear' | 'logarithmic';
  /** Its ends, in its unit. */
  range: Range;
}

interface Frame {
  /** Unique in a dashboard: `mnist/time`. */
  id: string;
  question: string;
  /** How many runs have no such value. */
  notMeasured: number;
  /** How many marks are left out of the drawing, being too many; the table has them all. */
  omitted: number;
}

export interface RankRow extends Mark {
  value: number;
  interval: Range | null;
  /** The value as it stands beside the point. */
  text: string;
  /** Against the baseline: `19.8 x faster`. Null for the baseline and where there is none. */
  ratio: string | null;
}

/** A row a run, sorted best first. */
export interface RankFigure extends Frame {
  type: 'rank';
  axis: Axis;
  rows: RankRow[];
}

export interface TradeOffPoint extends Mark {
  x: number;
  y: number;
  xInterval: Range | null;
  yInterval: Range | null;
  xText: string;
  yText: string;
  /** No other run is better in both. */
  onFront: boolean;
}

/** Two values against each other, with the front of those that nothing beats in both. */
export interface TradeOffFigure extends Frame {
  type: 'trade-off';
  x: Axis;
  y: Axis;
  points: TradeOffPoint[];
}

export interface LinePoint {
  /** The run that a click on this point opens. */
  runId: string;
  x: number;
  y: number;
  interval: Range | null;
}

export interface Line extends Mark {
  points: LinePoint[];
}

/** Values along an axis: over batch sizes, over time. */
export interface LinesFigure extends Frame {
  type: 'lines';
  x: Axis;
  y: Axis;
  /** Whether each point is drawn, or the line alone. */
  pointwise: boolean;
  lines: Line[];
}

export interface DistributionRow extends Mark {
  /** Every raw sample, ascending, milliseconds. */
  samples: number[];
  /** What the axis shows of a sample: 1, or one by the median. */
  scale: number;
  /** The text beside the row: `p50 1.02, p90 1.10, p99 1.31`. */
  text: string;
}

/** All samples of each run, as a box with its outliers over a strip. */
export interface DistributionFigure extends Frame {
  type: 'distribution';
  axis: Axis;
  rows: DistributionRow[];
}

export interface GridCell {
  row: number;
  column: number;
  value: number;
  text: string;
}

/** A value for each pair of a row and a column, shaded from 0 to the largest. */
export interface GridFigure extends Frame {
  type: 'grid';
  /** Name and unit of the value. */
  title: string;
  rows: Mark[];
  columns: string[];
  cells: GridCell[];
}

export type Figure = RankFigure | TradeOffFigure | LinesFigure | DistributionFigure | GridFigure;

/** The marks of any figure. */
export function marksOf(figure: Figure): readonly Mark[] {
  switch (figure.type) {
    case 'rank':
    case 'distribution':
    case 'grid':
      return figure.rows;
    case 'trade-off':
      return figure.points;
    case 'lines':
      return figure.lines;
  }
}
