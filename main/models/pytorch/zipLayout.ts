/**
 * The layout that torch.save writes since version 1.6: a zip with `NAME/data.pkl`, `NAME/byteorder` (since
 * 2.1) and a file `NAME/data/KEY` for each storage.
 */
import type { ByteSource } from '../byteSource';
import { refused } from '../refused';
import type { Layout } from './legacyLayout';
import { stateEntries } from './stateEntries';
import { storageBytes, usedStorages } from './storages';
import { unpickle } from './unpickler';
import { readZip } from './zip';

const MAX_PICKLE_BYTES = 16 * 2 ** 20;

/** @throws WorkbenchError `refused-file` */
export async function readZipLayout(source: ByteSource): Promise<Layout> {
  const zip = await readZip(source);
  const names = [...zip.keys()].filter((name) => name.endsWith('/data.pkl'));
  const name = names[0];
  if (name === undefined || names.length > 1) {
    throw refused(source.file, 'the zip', `it has ${names.length} entries data.pkl instead of one`);
  }
  const folder = name.slice(0, -'data.pkl'.length);
  await checkByteOrder(source, zip.get(`${folder}byteorder`));
  const pickle = zip.get(name)!;
  if (pickle.bytes > MAX_PICKLE_BYTES) throw refused(source.file, `entry ${name}`, `${pickle.bytes} bytes`);
  const bytes = await source.read(pickle.offset, pickle.bytes, `entry ${name}`);
  const { value, length } = unpickle(bytes, source.file, `entry ${name}`);
  if (length !== bytes.length) throw refused(source.file, `entry ${name}`, 'bytes behind the pickle');
  const tensors = stateEntries(source, value);
  const offsets = new Map<string, number>();
  for (const [key, storage] of usedStorages(source, tensors)) {
    const place = `entry ${folder}data/${key}`;
    const entry = zip.get(`${folder}data/${key}`);
    if (!entry) throw refused(source.file, place, 'it is missing');
    if (entry.bytes !== storageBytes(storage)) {
      throw refused(
        source.file,
        place,
        `it has ${entry.bytes} bytes for ${storage.elements} ${storage.type}`,
      );
    }
    offsets.set(key, entry.offset);
  }
  return { tensors, offsets };
}

async function checkByteOrder(
  source: ByteSource,
  entry: { offset: number; bytes: number } | undefined,
): Promise<void> {
  if (!entry) return;
  const bytes = await source.read(entry.offset, Math.min(entry.bytes, 16), 'entry byteorder');
  if (String.fromCharCode(...bytes) !== 'little') {
    throw refused(source.file, 'entry byteorder', 'its numbers are not little-endian');
  }
}
