import type { ElementType } from './elements';

/** One tensor of a file, checked against what the file holds, not yet read. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Where it stands in the file, for a refusal. */
  readonly place: string;
  /**
   * All elements, row-major, as floats.
   * @throws WorkbenchError `refused-file`
   */
  read(): Promise<Float32Array>;
}

/** The tensors of a file by name, without DataParallel's `module.` prefix. */
export type StateDict = ReadonlyMap<string, StoredTensor>;

/** Number of elements of a shape; null where it is beyond exact arithmetic or a size is no whole number. */
export function elementCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) return null;
    count *= length;
    if (count > Number.MAX_SAFE_INTEGER) return null;
  }
  return count;
}
