import { expect, it } from 'vitest';
import { batchImagesPerSecond } from '../../../core/fpga/estimate';
import { estimatedRun } from '../../../core/fpga/estimatedRun';
import { FPGA_BOARDS } from '../../../core/fpga/parts';
import { survey } from '../../../core/fpga/survey';
import { PUBLISHED } from '../../../core/network/topologies';
import { timeFigure } from '../../../core/report/figures/rank';
import { exampleRun } from '../report/exampleRun';

it('stands in the figures as an estimate, with the interval of its clock, and never as a measurement', () => {
  const { topology } = PUBLISHED[0]!;
  const board = FPGA_BOARDS.filter(({ id }) => id === 'u250');
  const [estimate] = survey(topology, board, ['a4']).estimates;
  const run = exampleRun({ id: 'real' });
  const model = { id: run.model.id, mode: run.model.mode, dataset: run.dataset.id };
  const made = estimatedRun(estimate!, model, 256, run.dataset.samples);
  const ms = 1e3 / batchImagesPerSecond(estimate!, 256);
  expect(made.msPerImage).toEqual({ value: ms, low: ms / 1.3, high: ms / 0.7 });
  expect(made.basis).toContain('an assumed 250 MHz');
  const figure = timeFigure({ datasetId: run.dataset.id, runs: [run], estimates: [made], clock: 'endToEnd' });
  const kinds = new Map(figure.rows.map(({ runId, kind }) => [runId, kind]));
  expect(kinds.get(made.id)).toBe('estimated');
  expect(kinds.get(run.id)).toBe('measured');
});
