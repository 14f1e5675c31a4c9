/** What is read of images, and what is refused with which reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageInMemory } from '../../../main/fpga/imageFile';
import { readImage, readImageFrom } from '../../../main/fpga/readImage';
import { AOCX_SECTIONS, aocx, xclbin } from './images';

const read = (bytes: Uint8Array) => readImageFrom(imageInMemory('network.image', bytes));
const without = (name: string) => {
  const { [name]: _gone, ...rest } = AOCX_SECTIONS;
  return aocx(rest);
};

describe('an .aocx', () => {
  it.each([32, 64] as const)(
    'tells board, compiler, kernels, clock and resources (%i bits)',
    async (bits) => {
      const { names, ...contents } = await read(aocx(AOCX_SECTIONS, bits));
      expect(contents).toEqual({
        vendor: 'intel',
        target: 'board',
        board: 'de10_standard_sharedonly',
        sdkVersion: '19.1.0.240',
        clockMHz: 110,
        resources: { logic: { used: 20_000, of: 41_910 }, memoryBlocks: null, dspBlocks: null },
        unreadableLines: [],
      });
      for (const kernel of ['loader', 'layer0_fc0', 'layer1_fc1']) expect(names).toContain(kernel);
    },
  );

  it('of the emulator is known by its target or by its object', async () => {
    const byTarget = await read(aocx({ ...AOCX_SECTIONS, '.acl.target': 'emulator_fast\0' }));
    const byObject = await read(aocx({ ...AOCX_SECTIONS, '.acl.fast_emulator_object.linux': 'object' }));
    expect([byTarget.target, byObject.target]).toEqual(['emulator', 'emulator']);
  });

  it('without a report or a version tells neither', async () => {
    const { '.acl.board': board, '.acl.autodiscovery': kernels } = AOCX_SECTIONS;
    const bare = await read(aocx({ '.acl.board': board!, '.acl.autodiscovery': kernels! }));
    expect(bare).toMatchObject({ target: 'board', sdkVersion: null, clockMHz: null, resources: null });
  });

  it.each([
    ['no board', without('.acl.board'), /without a section .acl.board/],
    ['no kernels', without('.acl.autodiscovery'), /no section .acl.autodiscovery/],
    ['an end in its header', aocx().subarray(0, 40), /ends before its ELF header does/],
    ['an end in its sections', aocx().subarray(0, 200), /ends before its table of sections does/],
    ['big-endian numbers', edited(aocx(), 5, 2), /big-endian/],
    ['a class of its own', edited(aocx(), 4, 7), /neither a 32-bit nor a 64-bit/],
    ['too many sections', edited(edited(aocx(), 48, 0xff), 49, 0xff), /claims to have 65535 sections/],
    ['a section of a gigabyte', hugeSection(), /its section .acl.board would have 1.00 GiB/],
  ])('with %s is refused', async (_what, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
    await expect(read(bytes)).rejects.toMatchObject({ kind: 'refused-file', where: 'network.image' });
  });
});

describe('an .xclbin', () => {
  it('tells platform, compiler, kernels and the clock of kernels', async () => {
    expect(await read(xclbin())).toEqual({
      vendor: 'amd',
      target: 'board',
      board: 'xilinx_u250_gen3x16_xdma_4_1_202210_1',
      sdkVersion: 'v++ 2022.1',
      unreadableLines: [],
      names: new Set(['loader', 'layer0_fc0', 'layer1_fc1']),
      clockMHz: 250,
      resources: null,
    });
  });

  it.each([4, 5, 6])('of mode %i is for the emulator', async (mode) => {
    expect(await read(xclbin({ mode }))).toMatchObject({ target: 'emulator' });
  });

  it('with a signature behind it is read', async () => {
    const signed = Buffer.concat([xclbin(), Buffer.alloc(100)]);
    signed.writeInt32LE(100, 8);
    expect(await read(signed)).toMatchObject({ vendor: 'amd' });
  });

  it('with metadata of another form still tells its kernels', async () => {
    expect(await read(xclbin({ metadata: [] }))).toMatchObject({ sdkVersion: null });
  });

  it.each([
    ['an end in its header', xclbin().subarray(0, 300), /ends before its header does/],
    ['an end behind its table', xclbin().subarray(0, 700), /its header tells of \d+ bytes, the file has 700/],
    ['more behind its end', Buffer.concat([xclbin(), Buffer.alloc(8)]), /its header tells of/],
    ['no platform', xclbin({ platform: '' }), /does not tell its platform/],
    ['no sections', edited(xclbin(), 448, 0), /claims to have 0 sections/],
    ['a section behind its end', edited(xclbin(), 456 + 40 + 27, 1), /not all in the file/],
    ['more kernels than fit', edited(xclbin(), layoutAt(), 99), /list of kernels claims 99 entries/],
  ])('with %s is refused', async (_what, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
    await expect(read(bytes)).rejects.toMatchObject({ kind: 'refused-file' });
  });
});

it.each([
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a])],
  ['a source', Buffer.from('__kernel void loader() {}')],
  ['one byte', Buffer.from([0x7f])],
])('%s is no image', async (_what, bytes) => {
  await expect(read(bytes)).rejects.toThrow(/begins neither like an .aocx nor like an .xclbin/);
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bnnw-image-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read by what they begin with, whatever their name', async () => {
    const file = join(folder, 'network.aocx');
    await writeFile(file, xclbin());
    expect(await readImage(file)).toMatchObject({ vendor: 'amd' });
  });

  it('that are empty, folders, or not there are refused', async () => {
    const empty = join(folder, 'empty.aocx');
    await writeFile(empty, '');
    await expect(readImage(empty)).rejects.toThrow(/empty.aocx is refused: it is empty/);
    await expect(readImage(folder)).rejects.toThrow(/it is no regular file/);
    await expect(readImage(join(folder, 'none.aocx'))).rejects.toMatchObject({ kind: 'storage' });
  });
});

function edited(bytes: Buffer, at: number, byte: number): Buffer {
  bytes[at] = byte;
  return bytes;
}

function layoutAt(): number {
  return Number(xclbin().readBigUInt64LE(456 + 40 + 24));
}

/** The size of the first section, .acl.board, set to 2^30. */
function hugeSection(): Buffer {
  const bytes = aocx();
  bytes.writeUInt32LE(2 ** 30, bytes.readUInt32LE(32) + 40 + 20);
  return bytes;
}
