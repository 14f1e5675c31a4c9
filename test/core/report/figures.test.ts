import { describe, expect, it } from 'vitest';
import {
  accuracyFigure,
  distinguishingLabels,
  runsByDataset,
  timeFigure,
} from '../../../core/report/figures';
import { exampleRun } from './exampleRun';

const gpu = { id: 'opencl:gpu', name: 'GPU', platform: 'CUDA', type: 'gpu' } as const;
const emulator = {
  id: 'opencl:emulator',
  name: 'Emulator',
  platform: 'Intel',
  type: 'fpga-emulator',
} as const;
const nothing = { id: 'null:null', name: 'Null device', platform: 'None', type: 'null' } as const;

describe('labels', () => {
  it('name only what differs', () => {
    const none = exampleRun({ id: 'a', model: { id: 'net-none', mode: 'none' } });
    const binary = exampleRun({ id: 'b', model: { id: 'net-deterministic', mode: 'deterministic' } });
    expect(distinguishingLabels([none, binary])).toEqual(['none', 'deterministic']);
    expect(distinguishingLabels([none, { ...none, id: 'c', precision: 'a4' }])).toEqual(['fp32', 'a4']);
    expect(distinguishingLabels([none, exampleRun({ id: 'd', device: gpu, model: none.model })])).toEqual([
      'Device, Platform',
      'GPU, CUDA',
    ]);
  });

  it('name models by their id where two have the same mode', () => {
    const first = exampleRun({ id: 'a', model: { id: 'one', mode: 'none' } });
    const second = exampleRun({ id: 'b', model: { id: 'two', mode: 'none' } });
    expect(distinguishingLabels([first, second])).toEqual(['one', 'two']);
  });

  it('count what was run again', () => {
    const run = exampleRun({ id: 'a' });
    expect(distinguishingLabels([run, { ...run, id: 'b' }])).toEqual(['model', 'model (2)']);
  });
});

describe('accuracy', () => {
  it('is sorted best first, with its interval inside the axis', () => {
    const runs = [
      exampleRun({ id: 'worse', correct: 9909, total: 10000 }),
      exampleRun({ id: 'better', correct: 9927, total: 10000 }),
    ];
    const { rows, range, scale } = accuracyFigure('MNIST', runs);
    expect(rows.map(({ runId, text }) => [runId, text])).toEqual([
      ['better', '99.27'],
      ['worse', '99.09'],
    ]);
    expect(scale).toBe('linear');
    expect(range.low).toBeGreaterThan(98);
    for (const { interval } of rows) {
      expect(interval?.low).toBeGreaterThanOrEqual(range.low);
      expect(interval?.high).toBeLessThanOrEqual(range.high);
    }
  });
});

describe('time', () => {
  it('starts at zero, fastest first, in ms an image', () => {
    const slow = exampleRun({ id: 'slow', batchMs: [8, 8, 8, 8, 8] });
    const fast = exampleRun({ id: 'fast', batchMs: [2, 2, 2, 2, 2] });
    const figure = timeFigure('MNIST', [slow, fast], 'endToEnd');
    expect(figure.rows.map(({ runId, value }) => [runId, value])).toEqual([
      ['fast', 1],
      ['slow', 4],
    ]);
    expect(figure.range.low).toBe(0);
    expect(figure.axis).not.toContain('logarithmic');
  });

  it('is logarithmic, and says so, where the ratio is large', () => {
    const runs = [exampleRun({ id: 'a', batchMs: [1] }), exampleRun({ id: 'b', batchMs: [40] })];
    const figure = timeFigure('MNIST', runs, 'endToEnd');
    expect(figure.scale).toBe('logarithmic');
    expect(figure.range.low).toBeGreaterThan(0);
    expect(figure.axis).toContain('logarithmic');
  });

  it('gives no interval to a handful of batches', () => {
    const [row] = timeFigure('MNIST', [exampleRun({ id: 'a', batchMs: [2, 3, 4] })], 'endToEnd').rows;
    expect(row).toMatchObject({ interval: null, text: '1.50' });
  });

  it('counts runs whose device has no clock of its own', () => {
    const runs = [exampleRun({ id: 'a', deviceMs: [1] }), exampleRun({ id: 'b', deviceMs: null })];
    const figure = timeFigure('MNIST', runs, 'device');
    expect(figure.rows).toHaveLength(1);
    expect(figure.notMeasured).toBe(1);
  });

  it('marks emulated times, and leaves the null device out of the race', () => {
    const runs = [exampleRun({ id: 'a', device: emulator }), exampleRun({ id: 'b', device: nothing })];
    const { rows } = timeFigure('MNIST', runs, 'endToEnd');
    expect(rows).toMatchObject([{ runId: 'a', emulated: true }]);
  });
});

it('groups runs by data set, in their order', () => {
  const runs = ['mnist', 'cifar10', 'mnist'].map((id, i) => exampleRun({ id: String(i), dataset: { id } }));
  expect(runsByDataset(runs).map((group) => [group.datasetId, group.runs.map((run) => run.id)])).toEqual([
    ['mnist', ['0', '2']],
    ['cifar10', ['1']],
  ]);
});
