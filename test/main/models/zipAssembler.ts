/** Writes zips as torch.save does, with any field changed: right ones and lying ones. */
import { crc32 } from '../../../main/models/pytorch/crc32';
import { joined } from './files';

export interface EntryClaim {
  name: string;
  data: Uint8Array;
  /** What the local header or the directory says, where it is not the truth. */
  localName?: string;
  localCrc?: number;
  localFlags?: number;
  localMethod?: number;
  flags?: number;
  method?: number;
  crc?: number;
  packedBytes?: number;
  bytes?: number;
  localOffset?: number;
  centralExtra?: Uint8Array;
  /** Bit 3: checksum and sizes behind the data instead of in the local header. */
  descriptor?: boolean;
  descriptorCrc?: number;
}

export interface ZipClaim {
  entries: EntryClaim[];
  /** Bytes before the directory that belong to no entry. */
  hole?: Uint8Array;
  comment?: string;
  endEntries?: number;
  endOffset?: number;
  disks?: number;
  zip64?: boolean;
  zip64Entries?: number;
  zip64Offset?: number;
  locatorOffset?: number;
}

type Field = readonly [bytes: 2 | 4 | 8, value: number];

function fields(...list: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (const [size, value] of list) {
    if (size === 2) view.setUint16(position, value, true);
    else if (size === 4) view.setUint32(position, value, true);
    else view.setBigUint64(position, BigInt(value), true);
    position += size;
  }
  return bytes;
}

const ascii = (text: string) => new TextEncoder().encode(text);

function flagsOf(claim: EntryClaim): number {
  return claim.flags ?? (claim.descriptor ? 0x0808 : 0x0800);
}

function localEntry(claim: EntryClaim): Uint8Array {
  const { name, data, localName = name, descriptor = false } = claim;
  const crc = crc32(data);
  const header = fields(
    [4, 0x04034b50],
    [2, 0],
    [2, claim.localFlags ?? flagsOf(claim)],
    [2, claim.localMethod ?? 0],
    [4, 0],
    [4, claim.localCrc ?? (descriptor ? 0 : crc)],
    [4, descriptor ? 0 : data.length],
    [4, descriptor ? 0 : data.length],
    [2, localName.length],
    [2, 4],
  );
  const padding = [0x46, 0x42, 0, 0];
  const tail = fields([4, 0x08074b50], [4, claim.descriptorCrc ?? crc], [4, data.length], [4, data.length]);
  return joined(header, ascii(localName), padding, data, descriptor ? tail : []);
}

function centralEntry(claim: EntryClaim, offset: number): Uint8Array {
  const { name, data, centralExtra = new Uint8Array(0) } = claim;
  const header = fields(
    [4, 0x02014b50],
    [4, 0],
    [2, flagsOf(claim)],
    [2, claim.method ?? 0],
    [4, 0],
    [4, claim.crc ?? crc32(data)],
    [4, claim.packedBytes ?? claim.bytes ?? data.length],
    [4, claim.bytes ?? data.length],
    [2, name.length],
    [2, centralExtra.length],
    [2, 0],
    [4, 0],
    [4, 0],
    [4, claim.localOffset ?? offset],
  );
  return joined(header, ascii(name), centralExtra);
}

export function zip(claim: ZipClaim): Uint8Array {
  const { entries, hole = new Uint8Array(0), comment = '' } = claim;
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const local = localEntry(entry);
    centrals.push(centralEntry(entry, offset));
    locals.push(local);
    offset += local.length;
  }
  offset += hole.length;
  const directory = joined(...centrals);
  const end64 = fields(
    ...([
      [4, 0x06064b50],
      [8, 44],
      [4, 0],
      [4, 0],
      [4, 0],
    ] as const),
    [8, claim.zip64Entries ?? entries.length],
    [8, claim.zip64Entries ?? entries.length],
    [8, directory.length],
    [8, claim.zip64Offset ?? offset],
    ...([
      [4, 0x07064b50],
      [4, 0],
    ] as const),
    [8, claim.locatorOffset ?? offset + directory.length],
    [4, 1],
  );
  const end = fields(
    [4, 0x06054b50],
    [2, claim.disks ?? 0],
    [2, claim.disks ?? 0],
    [2, claim.endEntries ?? entries.length],
    [2, claim.endEntries ?? entries.length],
    [4, directory.length],
    [4, claim.endOffset ?? offset],
    [2, comment.length],
  );
  return joined(...locals, hole, directory, claim.zip64 ? end64 : [], end, ascii(comment));
}
