import type { Random } from '../../../core/statistics/random';
import { joined } from './files';

/** Numbers at which sizes, signs and counts go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** The bytes with one to four changes: bits, bytes, numbers, and pieces cut out, doubled, moved or cut off. */
export function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let changes = 1 + random.below(4); changes > 0 && result.length > 0; changes--) {
    result = Uint8Array.from(changed(random, result));
  }
  return result;
}

function changed(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const length = Math.min(1 + random.below(64), bytes.length - at);
  const piece = bytes.slice(at, at + length);
  const [before, behind] = [bytes.slice(0, at), bytes.slice(at + length)];
  switch (random.below(8)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      return withNumber(random, bytes, at);
    case 3:
      return joined(before, behind);
    case 4:
      return joined(before, piece, piece, behind);
    case 5:
      return joined(before, behind.slice(0, length), piece, behind.slice(length));
    case 6:
      return joined(
        before,
        piece.map(() => random.below(256)),
        behind,
      );
    default:
      return before;
  }
}

function withNumber(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  const size = [1, 2, 4, 8][random.below(4)]!;
  const number = new Uint8Array(8);
  new DataView(number.buffer).setUint32(0, EDGES[random.below(EDGES.length)]!, true);
  if (random.below(2) === 1) number.fill(number[3]!, 4);
  bytes.set(number.subarray(0, Math.min(size, bytes.length - at)), at);
  return bytes;
}
