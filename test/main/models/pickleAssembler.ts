/** Writes pickles opcode by opcode, right and wrong ones. Letters are pickletools' codes. */
import { joined } from './files';

type Part = Uint8Array | readonly number[];

export const PROTO = [0x80, 2];
export const STOP = [0x2e];
export const MARK = [0x28];
export const TUPLE = [0x74];
export const REDUCE = [0x52];
export const BUILD = [0x62];
export const BINPERSID = [0x51];
export const EMPTY_DICT = [0x7d];
export const EMPTY_LIST = [0x5d];
export const EMPTY_TUPLE = [0x29];
export const SETITEMS = [0x75];
export const APPENDS = [0x65];
export const NONE = [0x4e];
export const FALSE = [0x89];
export const TRUE = [0x88];

const ascii = (text: string) => [...new TextEncoder().encode(text)];

export function u32(value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return [...bytes];
}

export function u64(value: number | bigint): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return [...bytes];
}

export function text(value: string): number[] {
  const bytes = ascii(value);
  return [0x58, ...u32(bytes.length), ...bytes];
}

/** LONG1 with eight bytes: any integer that fits them. */
export function integer(value: number | bigint): number[] {
  return [0x8a, 8, ...u64(value)];
}

export function global(module: string, name: string): number[] {
  return [0x63, ...ascii(`${module}\n${name}\n`)];
}

export function tuple(...items: readonly Part[]): Uint8Array {
  return joined(MARK, ...items, TUPLE);
}

export function call(callee: Part, ...args: readonly Part[]): Uint8Array {
  return joined(callee, tuple(...args), REDUCE);
}

export function pickle(...parts: readonly Part[]): Uint8Array {
  return joined(PROTO, ...parts, STOP);
}

export interface StorageClaim {
  key?: string;
  storageClass?: string;
  elements?: number | bigint;
}

export function storage({
  key = '0',
  storageClass = 'FloatStorage',
  elements = 6,
}: StorageClaim = {}): Uint8Array {
  const id = tuple(text('storage'), global('torch', storageClass), text(key), text('cpu'), integer(elements));
  return joined(id, BINPERSID);
}

export interface TensorClaim extends StorageClaim {
  offset?: number | bigint;
  shape?: readonly (number | bigint)[];
  strides?: readonly (number | bigint)[];
}

/** torch._utils._rebuild_tensor_v2 of a 2 x 3 float tensor, or what is claimed instead. */
export function tensor(claim: TensorClaim = {}): Uint8Array {
  const { offset = 0, shape = [2, 3], strides = [3, 1] } = claim;
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage(claim),
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    FALSE,
    call(global('collections', 'OrderedDict')),
  );
}

export function stateDict(entries: Record<string, Part>): Uint8Array {
  const items = Object.entries(entries).flatMap(([name, value]) => [text(name), value]);
  return joined(EMPTY_DICT, MARK, ...items, SETITEMS);
}

const MAGIC = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const MACHINE = joined(EMPTY_DICT, MARK, text('little_endian'), TRUE, SETITEMS);

/** A `.pt` in the legacy layout around a pickled object; by default with the six floats of {@link tensor}. */
export function legacyFile(
  object: Part,
  keys: readonly string[] = ['0'],
  storages: Uint8Array = joined(u64(6), new Uint8Array(24)),
): Uint8Array {
  const head = [pickle(MAGIC), pickle([0x4d, 0xe9, 0x03]), pickle(MACHINE), pickle(object)];
  return joined(...head, pickle(EMPTY_LIST, MARK, ...keys.map(text), APPENDS), storages);
}
