/** The boards that `bnnw fpga` knows, by their names on the command line. */
import { WorkbenchError } from '../../core/errors';
import { FPGA_BOARDS, type FpgaBoard } from '../../core/fpga/parts';
import { nearest } from '../host/nearest';

export const BOARD_IDS = FPGA_BOARDS.map(({ id }) => id);

/** @throws WorkbenchError `unknown-name` */
export function boardOf(id: string): FpgaBoard {
  const board = FPGA_BOARDS.find((each) => each.id === id);
  if (board) return board;
  throw unknownName('board', id, BOARD_IDS);
}

export function unknownName(what: string, id: string, known: readonly string[]): WorkbenchError {
  return new WorkbenchError('unknown-name', `There is no ${what} ${id}.`, {
    where: id,
    remedy: nearest(id, known),
  });
}
