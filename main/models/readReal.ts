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
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    throw refused(source.file, tensor.place, `element ${i} is ${data[i]}, which is no finite float`);
  }
  return data;
}
