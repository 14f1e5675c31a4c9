/** Estimates of one network on several boards, each with the fastest folding that fits. */
import { WorkbenchError } from '../errors';
import type { Precision } from '../network/precision';
import type { Topology } from '../network/topology';
import { chooseFolding } from './chooseFolding';
import { estimate, type FpgaEstimate } from './estimate';
import type { FpgaBoard } from './parts';

export interface SurveyRefusal {
  boardId: string;
  precision: Precision;
  /** Why the network cannot run there, in a sentence. */
  reason: string;
}

export interface Survey {
  estimates: FpgaEstimate[];
  refusals: SurveyRefusal[];
}

/** One board that is too small does not hide the others. @param clockMHz the boards' own where it is left out */
export function survey(
  topology: Topology,
  boards: readonly FpgaBoard[],
  precisions: readonly Precision[],
  clockMHz?: number,
): Survey {
  const result: Survey = { estimates: [], refusals: [] };
  const clock = clockMHz === undefined ? {} : { clockMHz };
  for (const board of boards) {
    for (const precision of precisions) {
      try {
        const folding = chooseFolding({ topology, precision, board });
        result.estimates.push(estimate({ topology, precision, board, folding, ...clock }));
      } catch (thrown) {
        if (!(thrown instanceof WorkbenchError && thrown.kind === 'unsupported')) throw thrown;
        result.refusals.push({ boardId: board.id, precision, reason: thrown.message });
      }
    }
  }
  return result;
}
