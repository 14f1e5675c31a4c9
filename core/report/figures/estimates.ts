/**
 * Runs that nobody made: times and energies that a model of a device gives, such as that of an FPGA without a
 * board. They stand beside what was measured, drawn hollow and dashed, and have no ratio to it.
 */
import type { DeviceRecord, ModelRecord, Run } from '../../session/schema';
import type { Range } from './figure';

export interface EstimatedValue extends Range {
  value: number;
}

export interface EstimatedRun {
  /** Unlike that of any run. */
  id: string;
  device: Pick<DeviceRecord, 'id' | 'name' | 'platform' | 'type'>;
  model: Pick<ModelRecord, 'id' | 'mode'>;
  dataset: { id: string; samples: number };
  precision: Run['precision'];
  batchSize: number;
  msPerImage: EstimatedValue | null;
  joulesPerImage: EstimatedValue | null;
  /**
   * Of a run elsewhere whose activations are equal bit for bit, which those of one model and integer precision are.
   * Null where there is none.
   */
  accuracy: { correct: number; total: number } | null;
  /** What the estimate rests on, in a sentence. */
  basis: string;
}
