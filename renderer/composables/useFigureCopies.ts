import { drawFigure, figureHeightPx } from '../../core/report/drawing/drawFigure';
import type { Marks } from '../../core/report/drawing/look';
import type { Figure } from '../../core/report/figures/figure';
import { figureCsv } from '../../core/report/figures/table';
import { useClient } from '../client';
import { useResults } from '../stores/results';
import { useFigureLook } from './useFigureLook';

const WIDTH_PX = 680;
/** Of a screen for print: 192 dots an inch. */
const PIXEL_RATIO = 2;

/** Takes figures out of the window, as they look on paper. */
export function useFigureCopies() {
  const client = useClient();
  const results = useResults();
  const { paper } = useFigureLook();

  async function copyPng(figure: Figure, marks: Marks): Promise<void> {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH_PX;
    canvas.height = figureHeightPx(figure);
    const chart = drawFigure(canvas, figure, {
      look: paper(),
      marks: () => marks,
      pixelRatio: PIXEL_RATIO,
    });
    try {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      if (blob) await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    } finally {
      chart.destroy();
    }
  }

  /** The host draws it: a page's canvas knows pixels only. */
  async function copySvg(figure: Figure): Promise<void> {
    await navigator.clipboard.writeText(await client.ask('drawFigure', results.figureRequest(figure.id)));
  }

  function copyCsv(figure: Figure): Promise<void> {
    return navigator.clipboard.writeText(figureCsv(figure));
  }

  return { copyPng, copySvg, copyCsv };
}
