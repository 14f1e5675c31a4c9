/**
 * An RGB PNG of 8 bits a channel, without interlace, whose size is known beforehand. The chunks and the length
 * of the compressed data are checked before the image is decoded, so that a small file cannot take much memory.
 */
import { createInflate } from 'node:zlib';
import { decode } from 'fast-png';
import { readBoundedFile, refusal } from './boundedFile';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHUNK_FRAME_BYTES = 12;
/** Chunks that say how the picture should look; they hold nothing that changes its bytes. */
const IGNORED_CHUNKS = new Set(['pHYs', 'gAMA', 'cHRM', 'sRGB', 'tIME']);

/**
 * The pixels, height x width x 3.
 * @throws WorkbenchError `refused-file`
 */
export async function readPngStrip(file: string, width: number, height: number): Promise<Uint8Array> {
  const rawBytes = height * (1 + 3 * width);
  // Deflate adds under a thousandth to data that it cannot compress.
  const png = await readBoundedFile(file, rawBytes + 2 ** 20);
  await checkInflatedBytes(file, collectImageData(file, png, width, height), rawBytes);
  try {
    const { data } = decode(png, { checkCrc: true });
    if (data instanceof Uint8Array && data.length === height * width * 3) return data;
  } catch (error) {
    throw refusal(
      file,
      'image data',
      `The PNG is damaged: ${error instanceof Error ? error.message : error}.`,
    );
  }
  throw refusal(file, 'image data', 'The PNG does not decode to 8-bit RGB.');
}

/** Walks the chunks and returns the compressed parts. */
function collectImageData(file: string, png: Buffer, width: number, height: number): Buffer[] {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw refusal(file, 'byte 0', 'The PNG signature is missing.');
  const parts: Buffer[] = [];
  let ended = false;
  for (let at = 8; at < png.length; ) {
    if (ended) throw refusal(file, `byte ${at}`, 'Bytes follow the end of the PNG.');
    const room = png.length - at - CHUNK_FRAME_BYTES;
    const length = room >= 0 ? png.readUInt32BE(at) : 0;
    if (room < length) throw refusal(file, `byte ${at}`, 'The file ends inside a chunk.');
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if ((type === 'IHDR') !== (at === 8))
      throw refusal(file, `byte ${at}`, 'The header must be the first chunk.');
    if (type === 'IHDR') checkHeader(file, data, width, height);
    else if (type === 'IDAT') parts.push(data);
    else if (type === 'IEND') ended = true;
    else if (!IGNORED_CHUNKS.has(type))
      throw refusal(file, `byte ${at}`, 'A chunk of this kind does not belong here.');
    at += CHUNK_FRAME_BYTES + length;
  }
  if (!ended) throw refusal(file, `byte ${png.length}`, 'The PNG has no end.');
  return parts;
}

function checkHeader(file: string, header: Buffer, width: number, height: number): void {
  const expected = Buffer.alloc(13);
  expected.writeUInt32BE(width, 0);
  expected.writeUInt32BE(height, 4);
  // 8 bits, RGB, deflate, the five standard filters, no interlace.
  expected.set([8, 2, 0, 0, 0], 8);
  if (!header.equals(expected)) {
    throw refusal(
      file,
      'byte 16',
      `The PNG is not ${width} x ${height} pixels of 8-bit RGB without interlace.`,
    );
  }
}

/** Unpacks the data piece by piece, keeping none of it. */
async function checkInflatedBytes(file: string, parts: Buffer[], expectedBytes: number): Promise<void> {
  const inflate = createInflate();
  let bytes = 0;
  try {
    inflate.end(Buffer.concat(parts));
    for await (const piece of inflate) {
      bytes += (piece as Buffer).length;
      if (bytes > expectedBytes)
        throw refusal(file, 'image data', `It unpacks to over ${expectedBytes} bytes.`);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw refusal(file, 'image data', `The compressed data is damaged: ${error.message}.`);
    }
    throw error;
  } finally {
    inflate.destroy();
  }
  if (bytes < expectedBytes) {
    throw refusal(file, 'image data', `It unpacks to ${bytes} bytes where ${expectedBytes} belong.`);
  }
}
