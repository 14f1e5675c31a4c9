/**
 * The IDX format of MNIST: two zero bytes, an element type (8: unsigned byte), the number of dimensions, each
 * dimension as a big-endian 32-bit integer, then the elements, the last dimension fastest. Plain or gzipped.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MAX_BYTES, refusal, regularFileBytes } from './boundedFile';
import type { Split } from './split';

/** What a gzipped file may unpack to: reading it takes little more memory than this. */
const MAX_UNPACKED_BYTES = 192 * 2 ** 20;

interface IdxArray {
  dimensions: number[];
  data: Uint8Array;
}

/**
 * Reads unsigned bytes of `rank` dimensions.
 * @throws WorkbenchError `refused-file`, naming the byte
 */
export async function readIdx(file: string, rank: number): Promise<IdxArray> {
  const fileBytes = await regularFileBytes(file);
  const zipped = file.endsWith('.gz');
  const headerBytes = 4 + 4 * rank;
  const header = Buffer.alloc(headerBytes);
  let array: IdxArray | null = null;
  let position = 0;
  const unpacked = zipped ? gunzip(file) : { stream: createReadStream(file), bytesRead: () => fileBytes };
  try {
    for await (const chunk of unpacked.stream) {
      const bytes: Buffer = chunk;
      let used = 0;
      if (position < headerBytes) {
        used = bytes.copy(header, position);
        position += used;
        if (position < headerBytes) continue;
      }
      array ??= prepare(file, header, rank, zipped ? MAX_UNPACKED_BYTES : fileBytes);
      const start = position - headerBytes;
      if (start + bytes.length - used > array.data.length) {
        throw refusal(
          file,
          `byte ${headerBytes + array.data.length}`,
          'There is more data than the header names.',
        );
      }
      array.data.set(bytes.subarray(used), start);
      position += bytes.length - used;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw refusal(file, `byte ${position} unpacked`, `The gzip data is damaged: ${error.message}.`);
    }
    throw error;
  }
  if (array === null)
    throw refusal(file, `byte ${position}`, `The file ends inside its ${headerBytes}-byte header.`);
  if (position < headerBytes + array.data.length) {
    const expected = headerBytes + array.data.length;
    throw refusal(file, `byte ${position}`, `The file ends here; its header names ${expected} bytes.`);
  }
  if (unpacked.bytesRead() !== fileBytes) {
    throw refusal(file, `byte ${unpacked.bytesRead()}`, 'Bytes follow the end of the gzip data.');
  }
  return array;
}

function gunzip(file: string): { stream: Readable; bytesRead: () => number } {
  const unzip = createGunzip();
  // An error of either end arrives at the reader of `unzip`, which the pipeline destroys with it.
  pipeline(createReadStream(file), unzip, () => {});
  return { stream: unzip, bytesRead: () => unzip.bytesWritten };
}

/** Checks the header against what the file can hold, and only then takes the memory. */
function prepare(file: string, header: Buffer, rank: number, available: number): IdxArray {
  if (header.readUInt16BE(0) !== 0) throw refusal(file, 'byte 0', 'An IDX file starts with two zero bytes.');
  if (header[2] !== 8) {
    throw refusal(file, 'byte 2', `The element type is ${header[2]}; only unsigned bytes (8) are read.`);
  }
  if (header[3] !== rank)
    throw refusal(file, 'byte 3', `There are ${header[3]} dimensions where ${rank} belong.`);
  const dimensions = Array.from({ length: rank }, (_, i) => header.readUInt32BE(4 + 4 * i));
  const zero = dimensions.indexOf(0);
  if (zero >= 0) throw refusal(file, `byte ${4 + 4 * zero}`, `Dimension ${zero} is 0.`);
  // Each partial product is at least as large as the one before, so rounding beyond 2^53 hides nothing.
  const elements = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (elements > Math.min(available, MAX_BYTES)) {
    throw refusal(
      file,
      'byte 4',
      `The header names ${dimensions.join(' x ')} bytes; at most ${Math.min(available, MAX_BYTES)} can be there.`,
    );
  }
  return { dimensions, data: new Uint8Array(elements) };
}

/** @throws WorkbenchError `refused-file` */
export async function readIdxSplit(imagesFile: string, labelsFile: string): Promise<Split> {
  const labels = await readIdx(labelsFile, 1);
  const images = await readIdx(imagesFile, 3);
  const [count, height, width] = images.dimensions as [number, number, number];
  if (labels.data.length !== count) {
    throw refusal(labelsFile, 'byte 4', `There are ${labels.data.length} labels for ${count} images.`);
  }
  const classes = labels.data.reduce((most, label) => Math.max(most, label), 0) + 1;
  return { height, width, channels: 1, classes, images: images.data, labels: labels.data };
}
