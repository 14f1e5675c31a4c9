/**
 * Reads safetensors: 8 bytes with the header's length (little-endian), the header, the numbers. Every rule of
 * the format is held to: header up to 100 MB that begins with `{`, no key twice, dtype and shape agree with
 * the bytes, and the tensors cover the numbers without overlap, hole or rest
 * (https://huggingface.co/docs/safetensors, "Format").
 */
import type { ByteSource } from '../byteSource';
import { ELEMENT_BYTES, type ElementType, readFloats } from '../elements';
import { refused } from '../refused';
import { elementCount, type StateDict, type StoredTensor } from '../stateDict';
import { type Header, type HeaderEntry, HeaderError, parseHeader } from './headerParser';

const MAX_HEADER_BYTES = 100_000_000;

const DTYPES: ReadonlyMap<string, ElementType> = new Map([
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['BOOL', 'bool'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['I16', 'int16'],
  ['U16', 'uint16'],
  ['I32', 'int32'],
  ['U32', 'uint32'],
  ['I64', 'int64'],
  ['U64', 'uint64'],
  ['F8_E4M3', 'float8'],
  ['F8_E5M2', 'float8'],
]);

export interface SafetensorsFile {
  metadata: ReadonlyMap<string, string>;
  tensors: StateDict;
  /** Where the numbers begin; they go to the file's end. */
  dataOffset: number;
  /**
   * The bytes of a tensor of type uint8.
   * @throws WorkbenchError `refused-file`
   */
  readBytes(name: string): Promise<Uint8Array>;
}

/** @throws WorkbenchError `refused-file` */
export async function readSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const header = await readHeader(source);
  const dataOffset = 8 + header.length;
  const { entries, metadata } = parse(source, header);
  checkCover(source, entries, source.size - dataOffset);
  const tensors = new Map<string, StoredTensor>();
  const positions = new Map<string, number>();
  for (const entry of entries) {
    tensors.set(entry.name, storedTensor(source, entry, dataOffset));
    positions.set(entry.name, dataOffset + entry.begin);
  }
  const readBytes = async (name: string) => {
    const tensor = tensors.get(name);
    if (tensor?.type !== 'uint8') throw refused(source.file, `tensor ${name}`, 'it is no tensor of bytes');
    const bytes = await source.read(positions.get(name)!, elementCount(tensor.shape)!, tensor.place);
    // A copy, so that the bytes of a decompressed file do not outlive their use.
    return bytes.slice();
  };
  return { metadata, tensors, dataOffset, readBytes };
}

async function readHeader(source: ByteSource): Promise<Uint8Array> {
  const lengthBytes = await source.read(0, 8, 'the length of the header');
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES) || Number(length) > source.size - 8) {
    throw refused(source.file, 'byte 0', `a header of ${length} bytes`);
  }
  const bytes = await source.read(8, Number(length), 'the header');
  if (bytes[0] !== 0x7b) throw refused(source.file, 'byte 8', 'the header does not begin with {');
  return bytes;
}

function parse(source: ByteSource, header: Uint8Array): Header {
  try {
    return parseHeader(header);
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    throw refused(source.file, `byte ${error.position} of the header`, error.message);
  }
}

/** The tensors, in the order of their numbers, must cover them all, each exactly as large as its shape. */
function checkCover(source: ByteSource, entries: readonly HeaderEntry[], dataBytes: number): void {
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, dtype, shape, begin, end } of ordered) {
    const place = `tensor ${name}`;
    const type = DTYPES.get(dtype);
    if (!type) throw refused(source.file, place, `its dtype ${JSON.stringify(dtype)} is unknown`);
    if (begin < position) throw refused(source.file, place, `it overlaps another at byte ${begin}`);
    if (begin > position)
      throw refused(source.file, place, `bytes ${position} to ${begin} belong to nothing`);
    const count = elementCount(shape);
    if (count === null || count * ELEMENT_BYTES[type] !== end - begin) {
      throw refused(
        source.file,
        place,
        `${end - begin} bytes for the shape [${shape.join(', ')}] of ${dtype}`,
      );
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw refused(source.file, `byte ${position} of the numbers`, `${dataBytes} bytes are there`);
  }
}

function storedTensor(source: ByteSource, entry: HeaderEntry, dataOffset: number): StoredTensor {
  const place = `tensor ${entry.name}`;
  const type = DTYPES.get(entry.dtype)!;
  const { shape } = entry;
  const read = () => readFloats(source, dataOffset + entry.begin, elementCount(shape)!, type, place);
  return { shape, type, place, read };
}
