/** Which runs of a job take turns: those whose processes fit beside each other. */
import type { Job } from '../../core/contract/job';
import type { Cell } from './openRun';

/** So many processes wait for their turns at most. */
const MOST_RUNS = 8;
/** Device memory that a waiting run may need. */
const RUN_BYTES = 2 ** 30;

/**
 * Runs that are made to compare times take turns; a test set that is classified once for its accuracy is finished
 * before the next one begins, so that it is there early and kept.
 */
export function takesTurns({ interleave, scenario }: Pick<Job, 'interleave' | 'scenario'>): boolean {
  return interleave ?? (scenario !== undefined && scenario !== 'accuracy');
}

/**
 * Runs of one model first, since devices are compared by it; else in the job's order.
 * @returns indices of the cells
 */
export function groupCells(cells: readonly Pick<Cell, 'device' | 'modelId'>[]): number[][] {
  const models = [...new Set(cells.map(({ modelId }) => modelId))];
  const places = cells.map(({ modelId }, index) => ({ index, model: models.indexOf(modelId) }));
  places.sort((a, b) => a.model - b.model || a.index - b.index);
  const groups: number[][] = [];
  let open: number[] = [];
  for (const { index } of places) {
    const { device } = cells[index]!;
    const onDevice = open.filter((other) => cells[other]!.device.info.id === device.info.id).length;
    if (open.length === MOST_RUNS || onDevice >= mostOn(device.info)) {
      groups.push(open);
      open = [];
    }
    open.push(index);
  }
  if (open.length > 0) groups.push(open);
  return groups;
}

/** An FPGA holds one image, and every change of runs would load another. */
function mostOn({ type, memoryBytes }: Cell['device']['info']): number {
  if (type === 'fpga' || type === 'fpga-emulator') return 1;
  if (type === 'null') return MOST_RUNS;
  return Math.max(1, Math.floor(memoryBytes / RUN_BYTES));
}
