/** What an unpickled `.pt` consists of: plain records. None of them can do anything. */
import type { ElementType } from '../elements';

export interface PickleTuple {
  kind: 'tuple';
  items: PickleValue[];
}
export interface PickleList {
  kind: 'list';
  items: PickleValue[];
}
export interface PickleDict {
  kind: 'dict';
  entries: Map<string | number, PickleValue>;
}
/** A name from {@link GLOBALS}; what it stands for is never looked up. */
export interface PickleGlobal {
  kind: 'global';
  name: GlobalName;
}
/** A run of numbers somewhere else in the file, as the pickle claims it. */
export interface StorageRecord {
  kind: 'storage';
  key: string;
  type: ElementType;
  elements: number;
}
/** A view of a storage, as the pickle claims it: offset and strides in elements. */
export interface TensorRecord {
  kind: 'tensor';
  storage: StorageRecord;
  offset: number;
  shape: number[];
  strides: number[];
}
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | StorageRecord
  | TensorRecord;

/** The only globals that a pickle may name. */
export const GLOBALS = [
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'torch.FloatStorage',
  'torch.DoubleStorage',
  'torch.HalfStorage',
  'torch.BFloat16Storage',
  'torch.LongStorage',
  'torch.IntStorage',
  'torch.ShortStorage',
  'torch.CharStorage',
  'torch.ByteStorage',
  'torch.BoolStorage',
] as const;
export type GlobalName = (typeof GLOBALS)[number];

export function isGlobalName(name: string): name is GlobalName {
  return GLOBALS.some((known) => known === name);
}

/** The element type of a storage class, null for a global that is none. */
export function storageType(name: GlobalName): ElementType | null {
  switch (name) {
    case 'torch.FloatStorage':
      return 'float32';
    case 'torch.DoubleStorage':
      return 'float64';
    case 'torch.HalfStorage':
      return 'float16';
    case 'torch.BFloat16Storage':
      return 'bfloat16';
    case 'torch.LongStorage':
      return 'int64';
    case 'torch.IntStorage':
      return 'int32';
    case 'torch.ShortStorage':
      return 'int16';
    case 'torch.CharStorage':
      return 'int8';
    case 'torch.ByteStorage':
      return 'uint8';
    case 'torch.BoolStorage':
      return 'bool';
    case 'collections.OrderedDict':
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_parameter':
      return null;
  }
}

export function isRecord(
  value: PickleValue,
): value is Exclude<PickleValue, null | boolean | number | bigint | string> {
  return typeof value === 'object' && value !== null;
}
