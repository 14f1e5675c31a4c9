import { describe, expect, it } from 'vitest';
import { dashboard, usualBaselines } from '../../../core/report/figures/dashboard';
import type { EstimatedRun } from '../../../core/report/figures/estimates';
import type { Clock } from '../../../core/report/figures/input';
import { distinguishingLabels, runsByDataset } from '../../../core/report/figures/labels';
import { latencyFigure } from '../../../core/report/figures/latency';
import { layersFigure } from '../../../core/report/figures/layers';
import { figureNotes } from '../../../core/report/figures/notes';
import { powerFigure } from '../../../core/report/figures/power';
import { accuracyFigure, energyFigure, timeFigure } from '../../../core/report/figures/rank';
import { sweepFigure } from '../../../core/report/figures/sweep';
import { figureCsv, figureTable } from '../../../core/report/figures/table';
import { accuracyAgainstTime } from '../../../core/report/figures/tradeOff';
import type { RunView } from '../../../core/session/view';
import { exampleRun } from './exampleRun';

const gpu = { id: 'opencl:gpu', name: 'GPU', platform: 'CUDA', type: 'gpu' } as const;
const emulator = {
  id: 'opencl:emulator',
  name: 'Emulator',
  platform: 'Intel',
  type: 'fpga-emulator',
} as const;
const input = (runs: RunView[], clock: Clock = 'endToEnd', baseline: RunView | null = null) => ({
  ...{ datasetId: 'mnist', runs, clock, baseline },
});
const nothing = { id: 'null:null', name: 'Null device', platform: 'None', type: 'null' } as const;

describe('labels', () => {
  it('name only what differs', () => {
    const none = exampleRun({ id: 'a', model: { id: 'net-none', mode: 'none' } });
    const binary = exampleRun({ id: 'b', model: { id: 'net-deterministic', mode: 'deterministic' } });
    expect(distinguishingLabels([none, binary])).toEqual(['none', 'deterministic']);
    expect(distinguishingLabels([none, { ...none, id: 'c', precision: 'a4' }])).toEqual(['fp32', 'a4']);
    expect(distinguishingLabels([none, exampleRun({ id: 'd', device: gpu, model: none.model })])).toEqual([
      'Device',
      'GPU',
    ]);
  });

  it('name models by their id where two have the same mode', () => {
    const first = exampleRun({ id: 'a', model: { id: 'one', mode: 'none' } });
    const second = exampleRun({ id: 'b', model: { id: 'two', mode: 'none' } });
    expect(distinguishingLabels([first, second])).toEqual(['one', 'two']);
  });

  it('name the platform of a processor that has several', () => {
    const model = { id: 'net', mode: 'none' } as const;
    const several = ['PoCL', 'ONNX Runtime'].map((platform) =>
      exampleRun({ id: platform, model, device: { id: platform, platform } }),
    );
    expect(distinguishingLabels([...several, exampleRun({ id: 'g', model, device: gpu })])).toEqual([
      'Device, PoCL',
      'Device, ONNX Runtime',
      'GPU',
    ]);
  });

  it('name the session where runs of several stand together', () => {
    const machine = { operatingSystem: 'Linux', cpu: 'CPU', cores: 2, memoryBytes: 1 };
    const runs = ['Monday', 'Friday'].map((sessionName) => ({
      ...exampleRun({ id: sessionName }),
      origin: { sessionId: sessionName, sessionName, runId: 'r', machine },
    }));
    expect(distinguishingLabels(runs)).toEqual(['Monday', 'Friday']);
  });

  it('leave out the session where the device tells: a session is named after its devices', () => {
    const machine = { operatingSystem: 'Linux', cpu: 'CPU', cores: 2, memoryBytes: 1 };
    const model = { id: 'net', mode: 'none' } as const;
    const runs = ['PoCL', 'ONNX Runtime'].map((platform) => {
      const sessionName = `net on Device (${platform})`;
      return {
        ...exampleRun({ id: platform, model, device: { id: platform, platform } }),
        origin: { sessionId: platform, sessionName, runId: 'r', machine },
      };
    });
    expect(distinguishingLabels(runs)).toEqual(['PoCL', 'ONNX Runtime']);
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
    const { rows, axis } = accuracyFigure(input(runs));
    const { range, scale } = axis;
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
    const figure = timeFigure(input([slow, fast]));
    expect(figure.rows.map(({ runId, value }) => [runId, value])).toEqual([
      ['fast', 1],
      ['slow', 4],
    ]);
    expect(figure.axis.range.low).toBe(0);
    expect(figure.axis.title).not.toContain('logarithmic');
  });

  it('is logarithmic, and says so, where the ratio is large', () => {
    const runs = [exampleRun({ id: 'a', batchMs: [1] }), exampleRun({ id: 'b', batchMs: [40] })];
    const figure = timeFigure(input(runs));
    expect(figure.axis.scale).toBe('logarithmic');
    expect(figure.axis.range.low).toBeGreaterThan(0);
    expect(figure.axis.title).toContain('logarithmic');
  });

  it('gives no interval to a handful of batches', () => {
    const [row] = timeFigure(input([exampleRun({ id: 'a', batchMs: [2, 3, 4] })])).rows;
    expect(row).toMatchObject({ interval: null, text: '1.50' });
  });

  it('counts runs whose device has no clock of its own', () => {
    const runs = [exampleRun({ id: 'a', deviceMs: [1] }), exampleRun({ id: 'b', deviceMs: null })];
    const figure = timeFigure(input(runs, 'device'));
    expect(figure.rows).toHaveLength(1);
    expect(figure.notMeasured).toBe(1);
  });

  it('marks emulated times, and leaves the null device out of the race', () => {
    const runs = [exampleRun({ id: 'a', device: emulator }), exampleRun({ id: 'b', device: nothing })];
    const { rows } = timeFigure(input(runs));
    expect(rows).toMatchObject([{ runId: 'a', kind: 'emulated' }]);
  });
});

const measuredEnergy = {
  ...({ kind: 'measured' } as const),
  ...{ joules: 10, averageW: 5, uncertaintyJ: 1, source: 'RAPL', duty: 1 },
  ...{ windowMs: 2000, readings: 20, idleBeforeW: 2, idleAfterW: 2 },
  imagesPerJoule: 100,
};
function withEnergy(
  id: string,
  scope: 'package' | 'board',
  origin: 'sensor' | 'typed-in',
  factor = 1,
): RunView {
  const energy = { ...measuredEnergy, scope, origin, joulesPerImage: 0.01 * factor };
  return { ...exampleRun({ id }), energy };
}

describe('energy', () => {
  const baseline = withEnergy('a', 'package', 'sensor', 4);
  const { rows } = energyFigure(
    input(
      [baseline, withEnergy('b', 'package', 'sensor'), withEnergy('c', 'board', 'typed-in', 8)],
      'endToEnd',
      baseline,
    ),
  );

  it('is millijoules an image with its bound, its scope and its ratio', () => {
    expect(rows[0]).toMatchObject({
      runId: 'b',
      value: 10,
      text: '10.0 ± 1.0 (package)',
      ratio: '4.00 x less',
    });
    expect(rows[1]).toMatchObject({ runId: 'a', ratio: null });
  });

  it('that was typed in is of another kind, and flagged where another scope makes it unlike', () => {
    expect(rows[2]).toMatchObject({ kind: 'typed-in', ratio: '2.00 x more' });
    expect(rows[2]?.unlike).toEqual([
      'energy scope board against package',
      'energy origin typed-in against sensor',
    ]);
  });
});

describe('a baseline', () => {
  it('gives every other run a ratio, and is said in the notes', () => {
    const slow = exampleRun({ id: 'slow', model: { id: 'm', mode: 'none' }, batchMs: [8, 8, 8, 8, 8] });
    const fast = exampleRun({
      ...{ id: 'fast', batchMs: [2, 2, 2, 2, 2] },
      model: { id: 'n', mode: 'deterministic' },
    });
    const figure = timeFigure(input([slow, fast], 'endToEnd', slow));
    expect(figure.rows.map(({ ratio }) => ratio)).toEqual(['4.00 x faster', null]);
    expect(figureNotes(figure, 'slow')).toEqual(['dashed line: none, the baseline']);
  });

  it('is usually the first run without binarization', () => {
    const runs = [
      exampleRun({ id: 'a', model: { mode: 'deterministic' } }),
      exampleRun({ id: 'b', model: { mode: 'none' } }),
    ];
    expect(usualBaselines(runs).data?.id).toBe('b');
  });
});

describe('an estimate', () => {
  const estimate: EstimatedRun = {
    id: 'estimate',
    device: { id: 'fpga:de10', name: 'DE10', platform: 'Model', type: 'fpga' },
    model: { id: 'model', mode: 'deterministic' },
    dataset: { id: 'mnist', samples: 4 },
    ...{ precision: 'a4', batchSize: 2, accuracy: { correct: 4, total: 4 } },
    msPerImage: { value: 0.1, low: 0.05, high: 0.2 },
    joulesPerImage: null,
    basis: 'Cycles of the slowest layer.',
  };
  const run = exampleRun({ id: 'run', batchMs: [2, 2, 2, 2, 2] });
  const withEstimate = { ...input([run], 'endToEnd', run), estimates: [estimate] };

  it('stands beside what was measured, without a ratio to it', () => {
    const { rows } = timeFigure(withEstimate);
    expect(rows[0]).toMatchObject({ kind: 'estimated', value: 0.1, text: '0.100, estimated', ratio: null });
    expect(figureNotes(timeFigure(withEstimate), 'run')).toContain(
      'hollow and dashed: estimated, not measured',
    );
  });

  it('is on no front, however good', () => {
    const { points } = accuracyAgainstTime(withEstimate);
    expect(points.map(({ runId, onFront }) => [runId, onFront])).toEqual([
      ['run', true],
      ['estimate', false],
    ]);
  });
});

it('the front of a trade-off holds what nothing beats in both', () => {
  const at = (id: string, ms: number, correct: number) =>
    exampleRun({ id, batchMs: [ms], correct, total: 10 });
  const { points } = accuracyAgainstTime(
    input([at('best', 9, 10), at('beaten', 5, 7), at('fast', 1, 6), at('middle', 4, 8)]),
  );
  expect(points.filter(({ onFront }) => onFront).map(({ runId }) => runId)).toEqual([
    'best',
    'fast',
    'middle',
  ]);
});

it('a sweep is a line of images a second over batch sizes', () => {
  const runs = [16, 1, 4].map((batchSize) => ({
    ...exampleRun({ id: `b${batchSize}`, batchMs: [10, 10, 10, 10, 10] }),
    ...{ batchSize, scenario: 'sweep' as const },
  }));
  const { lines, x } = sweepFigure(input(runs));
  expect(lines).toHaveLength(1);
  expect(lines[0]?.points.map((point) => [point.runId, point.x, point.y])).toEqual([
    ['b1', 1, 100],
    ['b4', 4, 400],
    ['b16', 16, 1600],
  ]);
  expect(x.scale).toBe('logarithmic');
});

describe('the distribution of times', () => {
  it('has every sample and the percentiles that count', () => {
    const samples = Array.from({ length: 101 }, (_, i) => 100 - i);
    const [row] = latencyFigure(input([exampleRun({ id: 'a', batchMs: samples })])).rows;
    expect(row?.samples).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(row?.text).toBe('50.0, 90.0, 99.0');
  });

  it('is relative to the median where medians lie far apart', () => {
    const runs = [1, 100].map((ms) => exampleRun({ id: String(ms), batchMs: [ms, ms, ms, ms, 1.5 * ms] }));
    const { axis, rows } = latencyFigure(input(runs));
    expect(axis.title).toContain('relative to its median');
    expect(rows.map(({ samples, scale }) => samples[4]! * scale)).toEqual([1.5, 1.5]);
  });

  it('is of latencies alone where there are some', () => {
    const latency = { ...exampleRun({ id: 'l', batchMs: [1, 1, 1, 1, 2] }), scenario: 'latency' as const };
    const { rows } = latencyFigure(input([exampleRun({ id: 'a', batchMs: [1, 2, 3, 4, 5] }), latency]));
    expect(rows.map(({ runId }) => runId)).toEqual(['l']);
  });
});

it('power over time draws none that was typed in', () => {
  const power = { source: 'typed in', origin: 'typed-in' as const, scope: 'wall' as const, zeroMs: 0 };
  const run = { ...exampleRun({ id: 'a' }), power: { ...power, atMs: [0, 1000], watts: [35, 35], gaps: [] } };
  expect(powerFigure(input([run]))).toMatchObject({ lines: [], notMeasured: 1 });
});

it('power over time keeps its peaks and its gaps', () => {
  const atMs = Array.from({ length: 5000 }, (_, i) => i);
  const watts = atMs.map((ms) => (ms === 1234 ? 300 : 50));
  const power = {
    ...({ source: 'NVML', origin: 'sensor', scope: 'board', zeroMs: 0 } as const),
    ...{ atMs, watts, gaps: [{ startMs: 4000.2, endMs: 4000.8 }] },
  };
  const [line] = powerFigure(input([{ ...exampleRun({ id: 'a' }), power }])).lines;
  const shown = line?.points ?? [];
  expect(shown.length).toBeLessThan(700);
  expect(shown).toContainEqual(expect.objectContaining({ x: 1.234, y: 300 }));
  const few = powerFigure(
    input([{ ...exampleRun({ id: 'a' }), power: { ...power, atMs: [3999, 4000, 4001], watts: [1, 2, 3] } }]),
  ).lines[0];
  expect(few?.points.map(({ y }) => y)).toEqual([1, 2, Number.NaN, 3]);
});

it('layer times are microseconds an image, a column a step', () => {
  const step = (name: string, medianMs: number) => ({
    ...{ name, kind: 'kernel' as const, medianMs, quartilesMs: [medianMs, medianMs] as [number, number] },
  });
  const run = exampleRun({ id: 'a' });
  const layers = {
    batches: 3,
    steps: [step('conv', 2), step('pool', 1), step('conv', 4)],
    wholeMs: 7,
    kernelSumMs: 7,
  };
  const figure = layersFigure(
    input([{ ...run, timing: { ...run.timing, layers } }, exampleRun({ id: 'b' })]),
  );
  expect(figure.columns).toEqual(['conv', 'pool', 'conv (2)']);
  expect(figure.cells.map(({ value }) => value)).toEqual([1000, 500, 2000]);
  expect(figure.notMeasured).toBe(1);
});

it('more rows than can be read are left out and counted, but never the baseline', () => {
  const runs = Array.from({ length: 100 }, (_, i) => exampleRun({ id: `r${i}`, batchMs: [1 + i] }));
  const figure = timeFigure(input(runs, 'endToEnd', runs[99]));
  expect(figure.rows).toHaveLength(41);
  expect(figure.rows.at(-1)?.runId).toBe('r99');
  expect(figure.omitted).toBe(59);
});

it('every figure of a dashboard has a table, and its data as CSV computes nothing', () => {
  const runs = ['=HYPERLINK("http://a")', 'm2'].map((id, i) =>
    exampleRun({ id: `r${i}`, model: { id, mode: 'none' }, batchMs: [1, 2, 3, 4, 5] }),
  );
  const [panel] = dashboard(runs, { clock: 'endToEnd', baselines: usualBaselines(runs) });
  expect(panel?.figures.map(({ id }) => id)).toEqual([
    'data/accuracy',
    'data/time',
    'data/accuracy-time',
    'data/latency',
  ]);
  for (const figure of panel?.figures ?? []) {
    const { heads, rows } = figureTable(figure);
    expect(rows).toHaveLength(2);
    for (const { cells } of rows) expect(cells).toHaveLength(heads.length);
    expect(figureCsv(figure)).toMatch(/^"'=HYPERLINK/m);
  }
});

it('groups runs by data set, in their order', () => {
  const runs = ['mnist', 'cifar10', 'mnist'].map((id, i) => exampleRun({ id: String(i), dataset: { id } }));
  expect(runsByDataset(runs).map((group) => [group.datasetId, group.runs.map((run) => run.id)])).toEqual([
    ['mnist', ['0', '2']],
    ['cifar10', ['1']],
  ]);
});
