/** Reads the tensors of a PyTorch `.pt` in both of its layouts, without running anything of it. */
import type { ByteSource } from '../byteSource';
import { ELEMENT_BYTES, readFloats } from '../elements';
import { refused } from '../refused';
import { elementCount, type StateDict, type StoredTensor } from '../stateDict';
import { type Layout, readLegacyLayout } from './legacyLayout';
import type { TensorRecord } from './values';
import { readZipLayout } from './zipLayout';

/** @throws WorkbenchError `refused-file` */
export async function readPyTorch(source: ByteSource, layout: 'legacy' | 'zip'): Promise<StateDict> {
  const { tensors: records, offsets } = await read(source, layout);
  const tensors = new Map<string, StoredTensor>();
  for (const [key, record] of records) {
    // DataParallel puts this before every name.
    const name = key.replace(/^module\./, '');
    if (tensors.has(name))
      throw refused(source.file, `tensor ${name}`, 'it is there with and without module.');
    tensors.set(name, storedTensor(source, name, record, offsets.get(record.storage.key)!));
  }
  return tensors;
}

function read(source: ByteSource, layout: 'legacy' | 'zip'): Promise<Layout> {
  return layout === 'zip' ? readZipLayout(source) : readLegacyLayout(source);
}

function storedTensor(
  source: ByteSource,
  name: string,
  record: TensorRecord,
  storageOffset: number,
): StoredTensor {
  const { storage, offset, shape, strides } = record;
  const { type } = storage;
  const place = `tensor ${name} in storage ${storage.key}`;
  const count = elementCount(shape)!;
  const start = storageOffset + offset * ELEMENT_BYTES[type];
  const readAll = async () => {
    if (count === 0) return new Float32Array(0);
    if (isContiguous(shape, strides)) return readFloats(source, start, count, type, place);
    const span = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 1);
    source.budget.take(span * Float32Array.BYTES_PER_ELEMENT, place);
    const elements = await readFloats(source, start, span, type, place);
    source.budget.release(span * Float32Array.BYTES_PER_ELEMENT);
    return gather(elements, shape, strides, count);
  };
  return { shape, type, place, read: readAll };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** The elements of a view in row-major order. */
function gather(
  elements: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Float32Array {
  const values = new Float32Array(count);
  const index = shape.map(() => 0);
  let position = 0;
  for (let i = 0; i < count; i++) {
    values[i] = elements[position]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      position -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return values;
}
