import type { ByteSource } from '../byteSource';
import { ELEMENT_BYTES } from '../elements';
import { refused } from '../refused';
import type { StorageRecord, TensorRecord } from './values';

/** Where the numbers of each storage begin, by the storage's key. */
export type StorageOffsets = ReadonlyMap<string, number>;

export function storageBytes(storage: StorageRecord): number {
  return storage.elements * ELEMENT_BYTES[storage.type];
}

/**
 * The storages that a state dict's tensors use, by key.
 * @throws WorkbenchError `refused-file` where one key has two sizes or types
 */
export function usedStorages(
  source: ByteSource,
  tensors: ReadonlyMap<string, TensorRecord>,
): Map<string, StorageRecord> {
  const storages = new Map<string, StorageRecord>();
  for (const { storage } of tensors.values()) {
    const known = storages.get(storage.key) ?? storage;
    if (known.elements !== storage.elements || known.type !== storage.type) {
      throw refused(source.file, `storage ${storage.key}`, 'it is named with two sizes or types');
    }
    storages.set(storage.key, known);
  }
  return storages;
}
