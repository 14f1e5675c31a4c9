import { describe, expect, it } from 'vitest';
import { timeFigure } from '../../core/report/figures';
import { figureConfig, figureInWords } from '../../renderer/components/charts/figureConfig';
import type { Look } from '../../renderer/components/charts/figureRows';
import { exampleRun } from '../core/report/exampleRun';

const look: Look = {
  ...{ text: '#000', quiet: '#555', line: '#ddd', ground: '#fff', selected: '#def', font: 'sans-serif' },
  widthOf: (text) => 7 * text.length,
  colourOf: (id) => (id === 'opencl:emulator' ? 'orange' : 'blue'),
};
const noMarks = { selectedRunId: null, baselineRunId: null };
const emulator = { id: 'opencl:emulator', type: 'fpga-emulator' } as const;

const runs = [
  exampleRun({ id: 'real', model: { id: 'm-none', mode: 'none' }, batchMs: [2, 2, 2, 2, 2] }),
  exampleRun({
    id: 'emulated',
    model: { id: 'm-det', mode: 'deterministic' },
    device: emulator,
    batchMs: [4],
  }),
  exampleRun({ id: 'broken', model: { id: 'm-st', mode: 'stochastic' }, batchMs: [6], valid: false }),
];
const figure = timeFigure('MNIST', runs, 'endToEnd');
const config = figureConfig(figure, noMarks, look, () => {});

describe('a drawn figure', () => {
  it('has a row a run, in the figure’s order, with its interval', () => {
    expect(config.data.datasets[0]?.data).toEqual([
      { x: 1, xMin: 1, xMax: 1, y: 0, yMin: 0, yMax: 0 },
      { x: 2, xMin: 2, xMax: 2, y: 1, yMin: 1, yMax: 1 },
      { x: 3, xMin: 3, xMax: 3, y: 2, yMin: 2, yMax: 2 },
    ]);
  });

  it('shows the device by colour and the mode by shape, what is emulated hollow and what is invalid crossed', () => {
    const style = config.options?.elements?.pointWithErrorBar;
    expect(style?.pointStyle).toEqual(['rect', 'circle', 'crossRot']);
    expect(style?.borderColor).toEqual(['blue', 'orange', 'blue']);
    expect(style?.backgroundColor).toEqual(['blue', '#fff', 'blue']);
  });

  it('can be read without seeing it', () => {
    expect(figureInWords(figure)).toContain('none: 1.00 ± 0.00; deterministic: 2.00');
  });
});
