import type { ByteSource } from './byteSource';
import { refused } from './refused';
import { elementCount, type StoredTensor } from './stateDict';

/**
 * Reads a tensor's numbers, counted in the file's memory budget.
 * @throws WorkbenchError `refused-file` where one is not finite: no device could compute with it
 */
export async function readReal(source: ByteSource, tensor: StoredTensor): Promise<Float32Array> {
  source.budget.take(elementCount(tensor.shape)! * Float32Array.BYTES_PER_ELEMENT, tensor.place);
  const data = await tensor.read();
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw refused(
      source.file,
      tensor.place,
      `element ${broken} is ${data[broken]}, which is no finite float`,
    );
  }
  return data;
}
