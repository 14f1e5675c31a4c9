import { createCanvas } from '@napi-rs/canvas';
import type { ChartData } from 'chart.js';
import { afterEach, describe, expect, it } from 'vitest';
import { drawFigure } from '../../../core/report/drawing/drawFigure';
import { spread } from '../../../core/report/drawing/frame';
import { fitted, paperLook } from '../../../core/report/drawing/look';
import type { EstimatedRun } from '../../../core/report/figures/estimates';
import type { Figure } from '../../../core/report/figures/figure';
import { timeFigure } from '../../../core/report/figures/rank';
import { exampleRun } from './exampleRun';

const look = paperLook(['opencl:p:d', 'opencl:emulator'], (text) => 7 * text.length);
const emulator = { id: 'opencl:emulator', type: 'fpga-emulator' } as const;
const estimate: EstimatedRun = {
  id: 'estimate',
  device: { id: 'fpga:de10', name: 'DE10', platform: 'Model', type: 'fpga' },
  model: { id: 'm-det', mode: 'deterministic' },
  dataset: { id: 'data', samples: 4 },
  ...{ precision: 'a4', batchSize: 1, accuracy: null, joulesPerImage: null },
  msPerImage: { value: 0.5, low: 0.4, high: 0.6 },
  basis: 'Cycles of the slowest layer.',
};
const runs = [
  exampleRun({ id: 'real', model: { id: 'm-none', mode: 'none' }, batchMs: [2, 2, 2, 2, 2] }),
  exampleRun({
    ...{ id: 'emulated', device: emulator, batchMs: [4] },
    model: { id: 'm-det', mode: 'deterministic' },
  }),
];
const figure = timeFigure({ datasetId: 'data', runs, estimates: [estimate], clock: 'endToEnd' });

let ended = () => {};
afterEach(() => ended());

function draw(drawn: Figure, selectedRunId: string | null = null) {
  const canvas = createCanvas(600, 200);
  const chart = drawFigure(canvas, drawn, {
    look,
    marks: () => ({ selectedRunId, baselineRunId: null }),
    pixelRatio: 1,
  });
  ended = () => chart.destroy();
  return { chart, pixels: () => canvas.getContext('2d').getImageData(0, 0, 600, 200).data, canvas };
}

describe('a drawn figure', () => {
  it('has a row a run, in the figure’s order, with its interval', () => {
    const { chart } = draw(figure);
    const { datasets }: ChartData = chart.data;
    expect(datasets[0]?.data).toMatchObject([
      { x: 0.5, xMin: 0.4, xMax: 0.6, y: 0 },
      { x: 1, xMin: 1, xMax: 1, y: 1 },
      { x: 2, xMin: 2, xMax: 2, y: 2 },
    ]);
  });

  /** Pixels of a colour around the marker of a row. */
  function inked(row: number, [r, g, b]: readonly [number, number, number]): number {
    const { chart, canvas } = draw(figure);
    const { x, y } = chart.scales;
    const value = figure.rows[row]!.value;
    const [left, top] = [x!.getPixelForValue(value) - 6, y!.getPixelForValue(row) - 6];
    const { data } = canvas.getContext('2d').getImageData(Math.round(left), Math.round(top), 12, 12);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const distance = Math.abs(data[i]! - r) + Math.abs(data[i + 1]! - g) + Math.abs(data[i + 2]! - b);
      if (distance < 60) count += 1;
    }
    return count;
  }

  it('tells measured, emulated and estimated apart by how much of the shape is filled', () => {
    const blue = [0, 0x72, 0xb2] as const;
    const orange = [0xd5, 0x5e, 0] as const;
    const [estimated, measured, emulated] = [inked(0, blue), inked(1, blue), inked(2, orange)];
    expect(measured).toBeGreaterThan(emulated * 1.2);
    expect(emulated).toBeGreaterThan(estimated * 1.2);
    expect(estimated).toBeGreaterThan(5);
  });

  it('looks the same on a chart that stood before as on a new one', () => {
    const fresh = Buffer.from(draw(figure).pixels());
    ended();
    const fewer = timeFigure({ datasetId: 'data', runs: runs.slice(0, 1), clock: 'endToEnd' });
    const { chart, pixels } = draw(fewer, 'real');
    expect(Buffer.from(pixels()).equals(fresh)).toBe(false);
    const drawing = { look, marks: () => ({ selectedRunId: null, baselineRunId: null }), pixelRatio: 1 };
    expect(drawFigure(chart.canvas, figure, drawing, chart)).toBe(chart);
    expect(Buffer.from(pixels()).equals(fresh)).toBe(true);
  });

  it('marks the selected row', () => {
    const before = Buffer.from(draw(figure).pixels());
    ended();
    expect(Buffer.from(draw(figure, 'real').pixels()).equals(before)).toBe(false);
  });
});

describe('texts beside a drawing', () => {
  it('are cut in their middle where there is no room', () => {
    expect(fitted('deterministic', 1000, look)).toBe('deterministic');
    const cut = fitted('deterministic, H100, batch 256', 100, look);
    expect(look.widthOf(cut)).toBeLessThanOrEqual(100);
    expect(cut).toMatch(/^determ.*….*256$/);
  });

  it('are pushed apart, and stay within the chart', () => {
    expect(spread([10, 11, 12], 5, 0, 100)).toEqual([10, 15, 20]);
    expect(spread([98, 99], 5, 0, 100)).toEqual([95, 100]);
    expect(spread([99, 98], 5, 0, 100)).toEqual([100, 95]);
  });
});
