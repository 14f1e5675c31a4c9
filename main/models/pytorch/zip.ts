/**
 * The zip of a `.pt`, read by its own strict reader: PyTorch stores entries without compression, one after
 * another, and a central directory behind them. Everything that could be read in two ways is refused:
 * compression, comments, several disks, an entry twice, a local header that differs from the central one,
 * bytes that belong to nothing.
 *
 *   [local header, name, padding, data, data descriptor?] x n
 *   [central header, name] x n
 *   [zip64 end record, zip64 locator]?   end record
 *
 * Sizes follow PKWARE's APPNOTE.TXT, sections 4.3.7 to 4.3.16.
 */
import type { ByteSource } from '../byteSource';
import { refused } from '../refused';
import { crc32 } from './crc32';

export interface ZipEntry {
  /** Position of its data in the file. */
  offset: number;
  bytes: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const DESCRIPTOR = 0x08074b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const DESCRIPTOR_BYTES = 16;
const END_BYTES = 22;
const END_64_BYTES = 56;
const LOCATOR_64_BYTES = 20;

/** Bit 3: sizes and checksum follow the data; bit 11: names are UTF-8. */
const HAS_DESCRIPTOR = 0x0008;
const ALLOWED_FLAGS = HAS_DESCRIPTOR | 0x0800;

const MAX_NAME_BYTES = 1024;
const MAX_ENTRIES = 10_000;
const MAX_DIRECTORY_BYTES = 32 * 2 ** 20;

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface CentralEntry {
  name: string;
  nameBytes: Uint8Array;
  flags: number;
  crc: number;
  bytes: number;
  localOffset: number;
}

interface Directory {
  offset: number;
  bytes: number;
  entries: number;
}

/**
 * Reads the directory, checks it against every local header, and every entry against its checksum.
 * @returns the entries by name
 * @throws WorkbenchError `refused-file` naming the entry or byte
 */
export async function readZip(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const directory = await findDirectory(source);
  const central = await readDirectory(source, directory);
  central.sort((a, b) => a.localOffset - b.localOffset);
  const entries = new Map<string, ZipEntry>();
  let end = 0;
  for (const [index, entry] of central.entries()) {
    if (entries.has(entry.name)) throw refuseEntry(source, entry, 'the zip has this name twice');
    if (entry.localOffset !== end) {
      throw refuseEntry(source, entry, `it starts at byte ${entry.localOffset}, where ${end} is free`);
    }
    const data = await checkLocalHeader(source, entry);
    const next = central[index + 1]?.localOffset ?? directory.offset;
    end = await checkDescriptor(source, entry, data.offset + data.bytes, next);
    entries.set(entry.name, data);
  }
  if (end !== directory.offset) {
    throw refused(
      source.file,
      `byte ${end}`,
      'bytes between the last entry and the directory belong to nothing',
    );
  }
  // Last, as it reads the whole file.
  for (const entry of central) await checkData(source, entry, entries.get(entry.name)!);
  return entries;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const endOffset = source.size - END_BYTES;
  const place = 'the end of the zip';
  const end = await viewOf(source, endOffset, END_BYTES, place);
  if (end.getUint32(0, true) !== END) throw refused(source.file, place, 'the end record is missing');
  const directory: Directory = {
    entries: end.getUint16(10, true),
    bytes: end.getUint32(12, true),
    offset: end.getUint32(16, true),
  };
  if (end.getUint32(4, true) !== 0 || end.getUint16(8, true) !== directory.entries) {
    throw refused(source.file, place, 'the zip is spread over several disks');
  }
  if (end.getUint16(20, true) !== 0) throw refused(source.file, place, 'the zip has a comment');
  const directoryEnd = directory.offset + directory.bytes;
  if (directoryEnd !== endOffset) await checkEnd64(source, directory, endOffset);
  if (directory.entries > MAX_ENTRIES) throw refused(source.file, place, `${directory.entries} entries`);
  if (directory.bytes > MAX_DIRECTORY_BYTES) {
    throw refused(source.file, place, `a directory of ${directory.bytes} bytes`);
  }
  return directory;
}

/** PyTorch writes the zip64 records always; they must say what the end record says, and stand right behind. */
async function checkEnd64(source: ByteSource, directory: Directory, endOffset: number): Promise<void> {
  const place = 'the zip64 end record';
  const start = directory.offset + directory.bytes;
  if (start !== endOffset - LOCATOR_64_BYTES - END_64_BYTES) {
    throw refused(
      source.file,
      'the end of the zip',
      'the directory does not end where the end record begins',
    );
  }
  const view = await viewOf(source, start, END_64_BYTES + LOCATOR_64_BYTES, place);
  const u64 = (offset: number) => Number(view.getBigUint64(offset, true));
  const agrees =
    view.getUint32(0, true) === END_64 &&
    u64(4) === END_64_BYTES - 12 &&
    view.getUint32(16, true) === 0 &&
    view.getUint32(20, true) === 0 &&
    u64(24) === directory.entries &&
    u64(32) === directory.entries &&
    u64(40) === directory.bytes &&
    u64(48) === directory.offset &&
    view.getUint32(END_64_BYTES, true) === LOCATOR_64 &&
    view.getUint32(END_64_BYTES + 4, true) === 0 &&
    u64(END_64_BYTES + 8) === start &&
    view.getUint32(END_64_BYTES + 16, true) === 1;
  if (!agrees) throw refused(source.file, place, 'it does not say what the end record says');
}

async function readDirectory(source: ByteSource, directory: Directory): Promise<CentralEntry[]> {
  const view = await viewOf(source, directory.offset, directory.bytes, 'the directory of the zip');
  const entries: CentralEntry[] = [];
  let position = 0;
  while (entries.length < directory.entries) {
    const place = `directory entry ${entries.length}`;
    if (position + CENTRAL_BYTES > view.byteLength || view.getUint32(position, true) !== CENTRAL) {
      throw refused(source.file, place, 'its header is missing');
    }
    const nameLength = view.getUint16(position + 28, true);
    const length = CENTRAL_BYTES + nameLength;
    if (position + length > view.byteLength) throw refused(source.file, place, 'its name is cut off');
    const header = new DataView(view.buffer, view.byteOffset + position, length);
    entries.push(parseCentral(source, header, place));
    position += length;
  }
  if (position !== view.byteLength) {
    throw refused(source.file, 'the directory of the zip', 'it has bytes that belong to no entry');
  }
  return entries;
}

function parseCentral(source: ByteSource, header: DataView, place: string): CentralEntry {
  const nameBytes = new Uint8Array(
    header.buffer,
    header.byteOffset + CENTRAL_BYTES,
    header.byteLength - CENTRAL_BYTES,
  );
  const name = nameText(source, nameBytes, place);
  const entry: CentralEntry = {
    name,
    nameBytes,
    flags: header.getUint16(8, true),
    crc: header.getUint32(16, true),
    bytes: header.getUint32(24, true),
    localOffset: header.getUint32(42, true),
  };
  if (header.getUint16(10, true) !== 0)
    throw refuseEntry(
      source,
      entry,
      'it is compressed, which torch.save never does and TorchScript programs are',
    );
  if ((entry.flags & ~ALLOWED_FLAGS) !== 0) {
    throw refuseEntry(source, entry, `it has flags 0x${entry.flags.toString(16)}`);
  }
  if (header.getUint32(20, true) !== entry.bytes) {
    throw refuseEntry(source, entry, 'it is not compressed and has two sizes');
  }
  if (header.getUint16(30, true) + header.getUint16(32, true) + header.getUint16(34, true) !== 0) {
    throw refuseEntry(source, entry, 'its directory entry has an extra field, a comment or a disk number');
  }
  return entry;
}

/** Torch.save names the entries after the file that it writes, in UTF-8. */
function nameText(source: ByteSource, bytes: Uint8Array, place: string): string {
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) {
    throw refused(source.file, place, `a name of ${bytes.length} bytes`);
  }
  let name: string;
  try {
    name = UTF_8.decode(bytes);
  } catch {
    throw refused(source.file, place, 'its name is not UTF-8');
  }
  if (/[\p{Cc}\\]/u.test(name) || name.split('/').some((part) => part === '' || part === '..')) {
    throw refused(source.file, place, 'its name is no plain relative path');
  }
  return name;
}

/** @returns where the data stand */
async function checkLocalHeader(source: ByteSource, entry: CentralEntry): Promise<ZipEntry> {
  const nameLength = entry.nameBytes.length;
  const place = placeOf(entry);
  const view = await viewOf(source, entry.localOffset, LOCAL_BYTES + nameLength, place);
  const name = new Uint8Array(view.buffer, view.byteOffset + LOCAL_BYTES, nameLength);
  if (view.getUint32(0, true) !== LOCAL) throw refuseEntry(source, entry, 'its local header is missing');
  if (view.getUint16(26, true) !== nameLength || name.some((byte, i) => byte !== entry.nameBytes[i])) {
    throw refuseEntry(source, entry, 'its local header has another name');
  }
  const sums = [view.getUint32(14, true), view.getUint32(18, true), view.getUint32(22, true)];
  const known = [entry.crc, entry.bytes, entry.bytes];
  const left = entry.flags & HAS_DESCRIPTOR ? [0, 0, 0] : known;
  const same = (expected: number[]) => sums.every((value, i) => value === expected[i]);
  if (
    view.getUint16(6, true) !== entry.flags ||
    view.getUint16(8, true) !== 0 ||
    !(same(known) || same(left))
  ) {
    throw refuseEntry(source, entry, 'its local header differs from the directory');
  }
  const offset = entry.localOffset + LOCAL_BYTES + nameLength + view.getUint16(28, true);
  return { offset, bytes: entry.bytes };
}

async function checkData(source: ByteSource, entry: CentralEntry, data: ZipEntry): Promise<void> {
  const chunkBytes = 2 ** 20;
  let crc = 0;
  for (let done = 0; done < data.bytes; done += chunkBytes) {
    const length = Math.min(chunkBytes, data.bytes - done);
    crc = crc32(await source.read(data.offset + done, length, placeOf(entry)), crc);
  }
  if (crc !== entry.crc) throw refuseEntry(source, entry, 'its checksum is wrong');
}

/**
 * @param position behind the data
 * @param next where the next entry or the directory begins
 * @returns the end of the entry; an empty one has no descriptor, though PyTorch sets its flag in old versions
 */
async function checkDescriptor(
  source: ByteSource,
  entry: CentralEntry,
  position: number,
  next: number,
): Promise<number> {
  if ((entry.flags & HAS_DESCRIPTOR) === 0 || (entry.bytes === 0 && position === next)) return position;
  const view = await viewOf(source, position, DESCRIPTOR_BYTES, placeOf(entry));
  const found = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
  const expected = [DESCRIPTOR, entry.crc, entry.bytes, entry.bytes];
  if (found.some((value, i) => value !== expected[i])) {
    throw refuseEntry(source, entry, 'its data descriptor differs from the directory');
  }
  return position + DESCRIPTOR_BYTES;
}

function placeOf(entry: CentralEntry): string {
  return `entry ${entry.name}`;
}

function refuseEntry(source: ByteSource, entry: CentralEntry, reason: string): Error {
  return refused(source.file, placeOf(entry), reason);
}

async function viewOf(source: ByteSource, offset: number, length: number, place: string): Promise<DataView> {
  const bytes = await source.read(offset, length, place);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
