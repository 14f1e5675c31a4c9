/** Writes tiny data sets in the official formats, so that tests know what must come out. */
import { encode } from 'fast-png';
import type { Random } from '../../../core/statistics/random';
import { crc32 } from '../../../main/models/pytorch/crc32';

/** IDX: unsigned bytes of these dimensions. */
export function idxFile(dimensions: number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  for (const [i, size] of dimensions.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

export interface CifarImages {
  /** count x 32 x 32 x 3, interleaved: what a reader must give. */
  images: Uint8Array;
  labels: Uint8Array;
  /** count x 3 x 32 x 32: how the official files hold them. */
  planes: Uint8Array;
}

export function randomCifar(random: Random, count: number): CifarImages {
  const images = Uint8Array.from({ length: count * 3072 }, () => random.below(256));
  const planes = new Uint8Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const image = Math.floor(i / 3072);
    const pixel = Math.floor((i % 3072) / 3);
    planes[image * 3072 + (i % 3) * 1024 + pixel] = images[i]!;
  }
  return { images, planes, labels: Uint8Array.from({ length: count }, () => random.below(10)) };
}

/** Records of a label and three planes. */
export function cifarBinaryFile({ planes, labels }: CifarImages): Buffer {
  const records = [...labels].map((label, n) =>
    Buffer.concat([Buffer.from([label]), planes.subarray(n * 3072, (n + 1) * 3072)]),
  );
  return Buffer.concat(records);
}

/** The opcodes, in their order, of the published python batches. */
export function cifarPythonFile({ planes, labels }: CifarImages): Buffer {
  let memo = 1;
  const remember = () => {
    const index = memo++;
    return index < 256 ? bytes('q', [index]) : bytes('r', uint32(index));
  };
  const text = (value: string) => bytes('U', [value.length], value, remember());
  const list = (items: Buffer[]) => bytes(']', remember(), '(', ...items, 'e');
  const array = bytes(
    ...['cnumpy.core.multiarray\n_reconstruct\n', remember(), 'cnumpy\nndarray\n', remember()],
    ...['K', [0], '\x85', 'U', [1], 'b', '\x87', 'R', remember(), '(', 'K', [1]],
    ...['M', uint16(labels.length), 'M', uint16(3072), '\x86', 'cnumpy\ndtype\n', remember()],
    ...['U', [2], 'u1', 'K', [0], 'K', [1], '\x87', 'R', remember(), '(', 'K', [3], 'U', [1], '|'],
    ...['NNN', 'J', [255, 255, 255, 255], 'J', [255, 255, 255, 255], 'K', [0], 't', 'b', '\x89'],
    ...['T', uint32(planes.length), planes, remember(), 't', 'b'],
  );
  return bytes(
    ...['\x80', [2], '}', remember(), '('],
    ...[text('batch_label'), text('testing batch 1 of 1')],
    ...[text('labels'), list([...labels].map((label) => bytes('K', [label])))],
    ...[text('data'), array],
    ...[text('filenames'), list([...labels].map((_, n) => text(`picture_${n}.png`)))],
    'u.',
  );
}

/** A strip of one image a row. */
export function cifarPngFile({ images, labels }: CifarImages): Buffer {
  return Buffer.from(encode({ width: 1024, height: labels.length, data: images, channels: 3, depth: 8 }));
}

/** A PNG whose chunks, as far as there are whole ones, say the truth of their bytes. */
export function withRightChecksums(png: Buffer): Buffer {
  const right = Buffer.from(png);
  for (let at = 8; at + 12 <= right.length; ) {
    const end = at + 8 + right.readUInt32BE(at);
    if (end + 4 > right.length) break;
    right.writeUInt32BE(crc32(right.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return right;
}

function bytes(...parts: (string | number[] | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
}

function uint16(value: number): number[] {
  return [value & 255, value >> 8];
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** A copy with one to three bytes changed, cut, doubled or taken out. */
export function mutate(random: Random, file: Buffer): Buffer {
  let mutated = Buffer.from(file);
  // Most of a file is pixels, which may be anything: half of the changes go to its first and last bytes.
  const place = () => {
    const edge = Math.min(200, mutated.length);
    const within = random.below(Math.max(1, mutated.length));
    return [random.below(edge), mutated.length - 1 - random.below(edge), within, within][random.below(4)]!;
  };
  for (let times = 1 + random.below(3); times > 0 && mutated.length > 1; times--) {
    const at = place();
    switch (random.below(5)) {
      case 0:
        mutated[at] = random.below(256);
        break;
      case 1:
        mutated[at]! ^= 1 << random.below(8);
        break;
      case 2:
        mutated = mutated.subarray(0, at);
        break;
      case 3:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + 1 + random.below(8))]);
        break;
      default:
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          mutated.subarray(Math.max(0, at - random.below(64))),
        ]);
    }
  }
  return mutated;
}
