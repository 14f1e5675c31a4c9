/** An estimate as the figures of the results take it: hollow and dashed beside runs, with no ratio to them. */

import type { Mode } from '../network/topology';
import type { EstimatedRun } from '../report/figures/estimates';
import { batchImagesPerSecond, type FpgaEstimate } from './estimate';
import { FPGA_BOARDS } from './parts';

/** Compilers reach other clocks than the one that is assumed; the interval of an estimate covers so much. */
const CLOCK_UNCERTAINTY = 0.3;

export interface EstimatedModel {
  id: string;
  mode: Mode;
  dataset: string;
}

/**
 * @param batchSize of the runs that it stands beside
 * @param samples images of their test set
 */
export function estimatedRun(
  estimate: FpgaEstimate,
  model: EstimatedModel,
  batchSize: number,
  samples: number,
): EstimatedRun {
  const { boardId, precision, clockMHz } = estimate;
  const name = FPGA_BOARDS.find(({ id }) => id === boardId)?.name ?? boardId;
  const ms = 1e3 / batchImagesPerSecond(estimate, batchSize);
  return {
    id: `fpga-estimate:${boardId}:${model.id}:${precision}`,
    device: { id: `fpga-estimate:${boardId}`, name, platform: 'estimate', type: 'fpga' },
    model: { id: model.id, mode: model.mode },
    dataset: { id: model.dataset, samples },
    precision,
    batchSize,
    msPerImage: { value: ms, low: ms / (1 + CLOCK_UNCERTAINTY), high: ms / (1 - CLOCK_UNCERTAINTY) },
    joulesPerImage: null,
    accuracy: null,
    basis: `Cycles of the folded layers at an assumed ${clockMHz} MHz, batches of ${batchSize}, without transfers; the interval is the clock's, plus or minus 30 %.`,
  };
}
