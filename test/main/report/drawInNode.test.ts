import { expect, it } from 'vitest';
import { timeFigure } from '../../../core/report/figures/rank';
import { figurePng, figureSvg } from '../../../main/report/drawInNode';
import { exampleRun } from '../../core/report/exampleRun';

const options = { deviceIds: ['opencl:p:d'], marks: { selectedRunId: null, baselineRunId: 'a' } };

function figureOf(modelId: string) {
  const runs = ['a', 'b'].map((id) => exampleRun({ id, model: { id: `${modelId}${id}`, mode: 'none' } }));
  return timeFigure({ datasetId: modelId, runs, clock: 'endToEnd', baseline: runs[0] });
}

it('a figure is an SVG whose texts can be searched', () => {
  const svg = figureSvg(figureOf('model-'), options);
  expect(svg).toMatch(/^<svg [^>]*role="img">/);
  for (const text of ['>model-a</text>', '>model-b</text>', '>1.50</text>']) expect(svg).toContain(text);
  expect(svg.length).toBeLessThan(10_000);
});

it.each(['<script>alert(1)</script>', '"><image href="http://example.org"/>', ']]><a>', '\u0000\ud800'])(
  'a text such as %j stays one',
  (attack) => {
    const tagsOf = (svg: string) => svg.match(/<\/?[a-zA-Z]+/g);
    const svg = figureSvg(figureOf(attack), options);
    expect(tagsOf(svg)).toEqual(tagsOf(figureSvg(figureOf('plain'), options)));
    expect(svg).not.toMatch(/style=|href="http|\son\w+=/);
  },
);

it('a figure is a PNG of the size that was asked for', () => {
  const png = Buffer.from(figurePng(figureOf('model-'), { ...options, widthPx: 400 }, 2));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(800);
});
