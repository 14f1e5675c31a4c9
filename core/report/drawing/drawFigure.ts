/** Draws any figure with Chart.js: on the screen, and in Node for reports. */
import { BoxAndWiskers, BoxPlotController } from '@sgratzl/chartjs-chart-boxplot';
import {
  CategoryScale,
  Chart,
  type ChartItem,
  LinearScale,
  LineElement,
  LogarithmicScale,
  Tooltip,
} from 'chart.js';
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import type { Figure } from '../figures/figure';
import { BOX_ROW_PX, drawDistribution } from './distributionChart';
import type { Drawing } from './frame';
import { drawGrid, GRID_ROW_PX } from './gridChart';
import { drawLines } from './linesChart';
import { drawRank } from './rankChart';
import { rowsHeightPx } from './rows';
import { drawTradeOff } from './tradeOffChart';

Chart.register(
  BoxAndWiskers,
  BoxPlotController,
  CategoryScale,
  LinearScale,
  LineElement,
  LogarithmicScale,
  MatrixController,
  MatrixElement,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
  Tooltip,
);

/** What of a canvas Chart.js needs where nothing is responsive: a page's, or one of Node's. */
export interface Surface {
  width: number;
  height: number;
  getContext(kind: '2d'): object | null;
}

/**
 * Draws a figure; the caller destroys the chart.
 *
 * @param standing a chart of a figure of the same type, which is then changed and returned
 */
export function drawFigure(
  surface: Surface,
  figure: Figure,
  drawing: Drawing,
  standing: Chart | null = null,
): Chart {
  // Chart.js names a page's canvas as the type, and takes any surface.
  const canvas = surface as ChartItem;
  const place = standing ?? canvas;
  switch (figure.type) {
    case 'rank':
      return drawRank(place, figure, drawing);
    case 'trade-off':
      standing?.destroy();
      return drawTradeOff(canvas, figure, drawing);
    case 'lines':
      standing?.destroy();
      return drawLines(canvas, figure, drawing);
    case 'distribution':
      return drawDistribution(place, figure, drawing);
    case 'grid':
      return drawGrid(place, figure, drawing);
  }
}

export function figureHeightPx(figure: Figure): number {
  switch (figure.type) {
    case 'rank':
      return rowsHeightPx(figure.rows.length);
    case 'distribution':
      return rowsHeightPx(figure.rows.length, BOX_ROW_PX);
    case 'grid':
      return figure.rows.length * GRID_ROW_PX + 120;
    case 'trade-off':
    case 'lines':
      return 320;
  }
}
