/**
 * What PyTorch's pickles say with REDUCE, BUILD and persistent ids, as records. The argument lists are those
 * of torch/_utils.py and torch/serialization.py.
 */
import { elementCount } from '../stateDict';
import {
  type GlobalName,
  isRecord,
  type PickleTuple,
  type PickleValue,
  type StorageRecord,
  storageType,
  type TensorRecord,
} from './values';

/** Makes the error for the place at which the pickle stands. */
type Refuse = (reason: string) => Error;

const MAX_DIMENSIONS = 16;

/** The record for `callee(*args)`. */
export function reduced(callee: GlobalName, args: PickleTuple, refuse: Refuse): PickleValue {
  switch (callee) {
    case 'collections.OrderedDict':
      if (args.items.length > 0) throw refuse('an OrderedDict with arguments');
      return { kind: 'dict', entries: new Map() };
    case 'torch._utils._rebuild_parameter': {
      const tensor = args.items[0];
      if (tensor === undefined || !isRecord(tensor) || tensor.kind !== 'tensor') {
        throw refuse('a parameter of what is no tensor');
      }
      return tensor;
    }
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
      return tensorRecord(args, refuse);
    default:
      throw refuse(`${callee} is called`);
  }
}

/** (storage, offset, size, stride, ...): what follows is about gradients and hooks. */
function tensorRecord(args: PickleTuple, refuse: Refuse): TensorRecord {
  const [storage, offset, size, stride] = args.items;
  if (storage === undefined || !isRecord(storage) || storage.kind !== 'storage') {
    throw refuse('a tensor without a storage');
  }
  if (typeof offset !== 'number' || !isSize(offset)) throw refuse('a tensor with a wrong offset');
  const shape = sizes(size, 'size', refuse);
  const strides = sizes(stride, 'stride', refuse);
  if (shape.length !== strides.length) throw refuse('a tensor with as many strides as it has not dimensions');
  const record: TensorRecord = { kind: 'tensor', storage, offset, shape, strides };
  const problem = viewProblem(record);
  if (problem !== null) throw refuse(problem);
  return record;
}

/**
 * Why a view does not lie inside its storage, or null. A view may not hold more elements than its storage
 * either, so stride 0 cannot make a large tensor of a small file. The sum is taken in doubles, whose rounding
 * keeps order: what is beyond exact integers stays beyond the storage's size, and nothing wraps around.
 */
function viewProblem({ storage, offset, shape, strides }: TensorRecord): string | null {
  const view = `a tensor of [${shape.join(', ')}] with strides [${strides.join(', ')}] at ${offset}`;
  const count = elementCount(shape);
  if (count === null || count > storage.elements) {
    return `${view} holds more than its storage of ${storage.elements} elements`;
  }
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset);
  if (count > 0 && last >= storage.elements) {
    return `${view} leaves its storage of ${storage.elements} elements`;
  }
  return null;
}

function sizes(value: PickleValue | undefined, what: string, refuse: Refuse): number[] {
  if (value === undefined || !isRecord(value) || value.kind !== 'tuple')
    throw refuse(`a ${what} that is no tuple`);
  if (value.items.length > MAX_DIMENSIONS) throw refuse(`a ${what} of ${value.items.length} dimensions`);
  return value.items.map((item) => {
    if (typeof item !== 'number' || !isSize(item)) throw refuse(`a ${what} of ${String(item)}`);
    return item;
  });
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** ('storage', class, key, device, number of elements[, None]): a storage elsewhere in the file. */
export function persistent(id: PickleTuple, refuse: Refuse): StorageRecord {
  const [word, storageClass, key, device, elements, view = null] = id.items;
  if (word !== 'storage' || id.items.length < 5 || id.items.length > 6) {
    throw refuse(`a persistent id for ${JSON.stringify(String(word)).slice(0, 80)}, not for a storage`);
  }
  if (storageClass === undefined || !isRecord(storageClass) || storageClass.kind !== 'global') {
    throw refuse('a storage without a class');
  }
  const type = storageType(storageClass.name);
  if (type === null) throw refuse(`a storage of class ${storageClass.name}`);
  if (typeof key !== 'string' || !/^\d{1,20}$/.test(key)) throw refuse('a storage whose key is no number');
  if (typeof device !== 'string') throw refuse('a storage without a device');
  if (typeof elements !== 'number' || !isSize(elements)) throw refuse('a storage with a wrong size');
  if (view !== null) throw refuse('a storage that is a view of another');
  return { kind: 'storage', key, type, elements };
}

/**
 * Why `target` may not be given `state`, or null. A state dict gets its `_metadata` this way, which nobody
 * needs here; nothing else may be built, as __setstate__ could do anything.
 */
export function built(target: PickleValue, state: PickleValue): string | null {
  if (!isRecord(target) || target.kind !== 'dict') return 'BUILD on what is no dict';
  if (!isRecord(state) || state.kind !== 'dict') return 'BUILD with what is no dict';
  return null;
}
