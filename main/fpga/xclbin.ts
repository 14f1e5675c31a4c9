/**
 * AMD's .xclbin: a header and a table of sections, little-endian, as declared in XRT's xclbin.h (github.com/
 * Xilinx/XRT, Apache-2.0).
 *
 *   byte   0  `xclbin2\0`; a signature and its key; 304 on the header
 *        304  8 bytes: length of the file
 *        332  2 bytes: mode; 4 to 6 are images for the emulator
 *        352  64 bytes: the platform, such as xilinx_u250_gen3x16_xdma_4_1_202210_1
 *        448  4 bytes: number of sections
 *        456  40 bytes a section: kind (4), name (16), 4 unused, offset (8), size (8)
 *
 * Read of it: IP_LAYOUT (8), the kernels with their instances; CLOCK_FREQ_TOPOLOGY (11); BUILD_METADATA (14), JSON
 * with the compiler's version.
 */
import { z } from 'zod';
import { shownName } from '../../core/fpga/image';
import type { ImageContents } from './imageContents';
import { type ImageBytes, imageRefused } from './imageFile';
import { possibleClock } from './quartusReport';

const MAGIC = Buffer.from('xclbin2\0', 'latin1');
const HEADER_BYTES = 456;
const SECTION_BYTES = 40;
/** Images have a dozen. */
const MOST_SECTIONS = 1024;
const EMULATION_MODES = [4, 5, 6];
const [IP_LAYOUT, CLOCK_FREQ_TOPOLOGY, BUILD_METADATA] = [8, 11, 14];
/** Of an entry in IP_LAYOUT. */
const IP_KERNEL = 1;
/** The clock that kernels are given; OpenCL kernels run at the data clock. */
const CT_DATA = 1;

const buildMetadata = z.object({
  build_metadata: z.object({
    xclbin: z.object({ generated_by: z.object({ name: z.string(), version: z.string() }) }),
  }),
});

interface Section {
  kind: number;
  offset: number;
  size: number;
}

export function isXclbin(start: Buffer): boolean {
  return start.subarray(0, 8).equals(MAGIC);
}

/** @throws WorkbenchError `refused-file` */
export async function readXclbin(image: ImageBytes): Promise<ImageContents> {
  const { file } = image;
  const header = await image.read(0, HEADER_BYTES, 'header');
  const length = Number(header.readBigUInt64LE(304));
  // A signature, where there is one, stands behind what the header counts; -1 says that there is none.
  const signature = Math.max(0, header.readInt32LE(8));
  if (length !== image.size && length + signature !== image.size) {
    throw imageRefused(file, `its header tells of ${length} bytes, the file has ${image.size}`);
  }
  const count = header.readUInt32LE(448);
  if (count === 0 || count > MOST_SECTIONS) throw imageRefused(file, `it claims to have ${count} sections`);
  const table = await image.read(HEADER_BYTES, count * SECTION_BYTES, 'table of sections');
  const sections = Array.from({ length: count }, (_, i): Section => {
    const at = i * SECTION_BYTES;
    return {
      kind: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 24)),
      size: Number(table.readBigUInt64LE(at + 32)),
    };
  });
  for (const { offset, size } of sections) {
    if (!(offset + size <= image.size))
      throw imageRefused(file, 'one of its sections is not all in the file');
  }
  const section = async (kind: number, place: string): Promise<Buffer | null> => {
    const found = sections.find((each) => each.kind === kind);
    return found === undefined ? null : image.read(found.offset, found.size, place);
  };
  const layout = await section(IP_LAYOUT, 'list of kernels');
  if (layout === null) throw imageRefused(file, 'it has no list of kernels (section IP_LAYOUT)');
  const board = textAt(header, 352, 64);
  if (board === '') throw imageRefused(file, 'it does not tell its platform');
  return {
    vendor: 'amd',
    target: EMULATION_MODES.includes(header.readUInt16LE(332)) ? 'emulator' : 'board',
    board,
    sdkVersion: compilerOf(await section(BUILD_METADATA, 'build metadata')),
    names: kernelNames(file, layout),
    ...kernelClock(file, await section(CLOCK_FREQ_TOPOLOGY, 'list of clocks')),
    resources: null,
  };
}

/** 4 bytes count and 4 unused, then 80 bytes an entry: type (4), properties (4), address (8), `KERNEL:INSTANCE` (64). */
function kernelNames(file: string, layout: Buffer): Set<string> {
  const names = new Set<string>();
  forEachEntry(file, layout, { first: 8, bytes: 80, countBytes: 4, place: 'list of kernels' }, (at) => {
    if (layout.readUInt32LE(at) === IP_KERNEL) names.add(textAt(layout, at + 16, 64).split(':')[0]!);
  });
  return names;
}

/** 2 bytes count, then 136 bytes an entry: MHz (2), type (1), 5 unused, name (128). */
function kernelClock(
  file: string,
  clocks: Buffer | null,
): Pick<ImageContents, 'clockMHz' | 'unreadableLines'> {
  const told = { clockMHz: null as number | null, unreadableLines: [] as string[] };
  if (clocks === null) return told;
  forEachEntry(file, clocks, { first: 2, bytes: 136, countBytes: 2, place: 'list of clocks' }, (at) => {
    const frequency = clocks.readUInt16LE(at);
    if (clocks[at + 2] !== CT_DATA || frequency === 0) return;
    told.clockMHz = possibleClock(frequency);
    if (told.clockMHz === null) told.unreadableLines.push(`DATA clock: ${frequency} MHz`);
  });
  return told;
}

function forEachEntry(
  file: string,
  bytes: Buffer,
  layout: { first: number; bytes: number; countBytes: 2 | 4; place: string },
  visit: (at: number) => void,
): void {
  const { first, bytes: each, countBytes, place } = layout;
  if (bytes.length < first) throw imageRefused(file, `its ${place} is cut off`);
  const count = countBytes === 2 ? bytes.readInt16LE(0) : bytes.readInt32LE(0);
  if (count < 0 || first + count * each > bytes.length) {
    throw imageRefused(file, `its ${place} claims ${count} entries and is too short for them`);
  }
  for (let i = 0; i < count; i++) visit(first + i * each);
}

/** `v++ 2021.2`; null where the section is missing or says something else: nothing depends on it. */
function compilerOf(metadata: Buffer | null): string | null {
  if (metadata === null) return null;
  try {
    const { generated_by } = buildMetadata.parse(JSON.parse(metadata.toString('utf8'))).build_metadata.xclbin;
    return shownName(`${generated_by.name} ${generated_by.version}`);
  } catch {
    return null;
  }
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? length : end);
}
