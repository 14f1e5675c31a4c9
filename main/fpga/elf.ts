/**
 * The sections of an ELF file (System V gABI, chapter 4), 32 or 64 bits, little-endian: as much of it as an
 * .aocx needs, which keeps each of its parts in a section with a name.
 */
import { type ImageBytes, imageRefused } from './imageFile';

interface ElfSection {
  name: string;
  offset: number;
  size: number;
}

/** Our kernels make some dozens of sections; a compiler's object file some hundreds. */
const MOST_SECTIONS = 4096;
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** A section that takes no room in the file. */
const SHT_NOBITS = 8;

export function isElf(start: Buffer): boolean {
  return start.subarray(0, 4).equals(MAGIC);
}

/** @throws WorkbenchError `refused-file` where the table of sections or its names are not in the file */
export async function elfSections(image: ImageBytes): Promise<ElfSection[]> {
  const { file } = image;
  const ident = await image.read(0, 16, 'ELF header');
  const wide = ident[4] === 2;
  if (!wide && ident[4] !== 1) throw imageRefused(file, 'it is neither a 32-bit nor a 64-bit ELF file');
  if (ident[5] !== 1) throw imageRefused(file, 'it is a big-endian ELF file');
  const header = await image.read(0, wide ? 64 : 52, 'ELF header');
  const tableOffset = wide ? unsigned64(header, 40) : header.readUInt32LE(32);
  const entryBytes = header.readUInt16LE(wide ? 58 : 46);
  const count = header.readUInt16LE(wide ? 60 : 48);
  const namesIndex = header.readUInt16LE(wide ? 62 : 50);
  if (count === 0) throw imageRefused(file, 'it has no sections');
  if (count > MOST_SECTIONS) throw imageRefused(file, `it claims to have ${count} sections`);
  if (entryBytes < (wide ? 64 : 40)) throw imageRefused(file, `its section entries have ${entryBytes} bytes`);
  const table = await image.read(tableOffset, count * entryBytes, 'table of sections');
  const entry = (index: number) => {
    const at = index * entryBytes;
    return {
      name: table.readUInt32LE(at),
      type: table.readUInt32LE(at + 4),
      offset: wide ? unsigned64(table, at + 24) : table.readUInt32LE(at + 16),
      size: wide ? unsigned64(table, at + 32) : table.readUInt32LE(at + 20),
    };
  };
  if (namesIndex >= count) throw imageRefused(file, 'the section with the names of its sections is missing');
  const names = entry(namesIndex);
  const text = await image.read(names.offset, names.size, 'names of sections');
  const sections: ElfSection[] = [];
  for (let index = 0; index < count; index++) {
    const { name, type, offset, size } = entry(index);
    if (type === SHT_NOBITS || size === 0) continue;
    sections.push({ name: nameAt(text, name), offset, size });
  }
  return sections;
}

function nameAt(text: Buffer, at: number): string {
  if (at >= text.length) return '';
  const end = text.indexOf(0, at);
  return text.toString('latin1', at, end === -1 ? text.length : end);
}

/** Exact up to 2^53; what is larger no file reaches, and the reader refuses it. */
function unsigned64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
