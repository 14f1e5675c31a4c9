/**
 * The layout that torch.save wrote before version 1.6, and with `_use_new_zipfile_serialization=False`:
 * five pickles (a magic number, a version, facts on the machine, the object, the storages' keys), then for each key,
 * in that order, the number of elements (8 bytes, little-endian) and the elements.
 */
import type { ByteSource } from '../byteSource';
import { refused } from '../refused';
import { stateEntries } from './stateEntries';
import { type StorageOffsets, storageBytes, usedStorages } from './storages';
import { unpickle } from './unpickler';
import { isRecord, type PickleValue, type StorageRecord, type TensorRecord } from './values';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
/** All five pickles; that of a network of 10,000 layers takes 8 MB. */
const MAX_HEAD_BYTES = 16 * 2 ** 20;

export interface Layout {
  tensors: ReadonlyMap<string, TensorRecord>;
  offsets: StorageOffsets;
}

/** @throws WorkbenchError `refused-file` */
export async function readLegacyLayout(source: ByteSource): Promise<Layout> {
  const head = await source.read(0, Math.min(source.size, MAX_HEAD_BYTES), 'the head');
  let position = 0;
  const next = () => {
    const start = position;
    const { value, length } = unpickle(head.subarray(start), source.file, `the pickle at byte ${start}`);
    position += length;
    return value;
  };
  if (next() !== MAGIC)
    throw refused(source.file, 'byte 0', 'it does not begin with the magic number of a .pt');
  if (next() !== VERSION) throw refused(source.file, 'byte 15', `it is not of version ${VERSION}`);
  const machine = next();
  if (!isRecord(machine) || machine.kind !== 'dict' || machine.entries.get('little_endian') !== true) {
    throw refused(source.file, 'the third pickle', 'its numbers are not little-endian');
  }
  const tensors = stateEntries(source, next());
  const storages = usedStorages(source, tensors);
  const keys = storageKeys(source, next());
  return { tensors, offsets: await findStorages(source, storages, keys, position) };
}

function storageKeys(source: ByteSource, value: PickleValue): string[] {
  const place = 'the fifth pickle';
  if (!isRecord(value) || value.kind !== 'list') throw refused(source.file, place, 'it is no list of keys');
  const keys = value.items.map((key) => {
    if (typeof key !== 'string') throw refused(source.file, place, 'a key is no text');
    return key;
  });
  if (new Set(keys).size !== keys.length) throw refused(source.file, place, 'it has a key twice');
  return keys;
}

async function findStorages(
  source: ByteSource,
  storages: ReadonlyMap<string, StorageRecord>,
  keys: readonly string[],
  start: number,
): Promise<Map<string, number>> {
  if (keys.length !== storages.size) {
    throw refused(source.file, 'the fifth pickle', `${keys.length} keys for ${storages.size} storages`);
  }
  const offsets = new Map<string, number>();
  let position = start;
  for (const key of keys) {
    const place = `storage ${key} at byte ${position}`;
    const storage = storages.get(key);
    if (!storage) throw refused(source.file, place, 'no tensor uses it');
    const bytes = await source.read(position, 8, place);
    const elements = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (elements !== BigInt(storage.elements)) {
      throw refused(source.file, place, `it has ${elements} elements and is named with ${storage.elements}`);
    }
    offsets.set(key, position + 8);
    position += 8 + storageBytes(storage);
    if (position > source.size) throw refused(source.file, place, 'it is larger than the file');
  }
  if (position !== source.size) {
    throw refused(source.file, `byte ${position}`, 'bytes behind the last storage belong to nothing');
  }
  return offsets;
}
