import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageManifest, type ImageNeeds, imageRemark } from '../../../core/fpga/image';
import { readCheckedImage } from '../../../main/fpga/checkedImage';
import { ImageLibrary } from '../../../main/fpga/imageLibrary';
import { AOCX_SECTIONS, aocx, manifestOf, xclbin } from './images';

let folder: string;
let library: ImageLibrary;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bnnw-images-'));
  library = new ImageLibrary(join(folder, 'library'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes an image, with a manifest unless it is null. */
async function given(name: string, image: Buffer, manifest: unknown = manifestOf(image)): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, image);
  if (manifest !== null) await writeFile(`${file}.json`, JSON.stringify(manifest));
  return file;
}

const NEEDS: ImageNeeds = {
  vendor: 'intel',
  target: 'board',
  networkSha256: 'a'.repeat(64),
  scalesSha256: 'b'.repeat(64),
  kernels: ['loader', 'layer0_fc0', 'layer1_fc1'],
  board: null,
};

it('is empty before the first image', async () => {
  expect(await library.list()).toEqual([]);
});

it('keeps a copy of an image with all that is known of it', async () => {
  const file = await given('network.aocx', aocx());
  const added = await library.add(file);
  await rm(file);
  expect(await library.list()).toEqual([added]);
  expect(added).toMatchObject({
    name: 'network.aocx',
    board: 'de10_standard_sharedonly',
    clockMHz: 110,
    resources: { logic: { used: 20_000, of: 41_910 } },
    manifest: { network: 'mnist-784-1000-500-10', precision: 'a4' },
    problem: null,
  });
  expect(await readFile(added.path)).toEqual(aocx());
});

it("takes the clock and the resources from the compiler's reports beside the image", async () => {
  const { '.acl.quartus_report': report, ...bare } = AOCX_SECTIONS;
  const intel = await given('network.aocx', aocx(bare), null);
  await mkdir(join(folder, 'network'));
  await writeFile(join(folder, 'network', 'acl_quartus_report.txt'), report!);
  expect(await library.add(intel)).toMatchObject({
    clockMHz: 110,
    resources: { logic: { used: 20_000, of: 41_910 } },
  });
  const amd = await given('network.xclbin', xclbin(), null);
  await writeFile(`${amd}.info`, '   Type:  SCALABLE\n   Achieved Freq:  241.5 MHz\n');
  expect(await library.add(amd)).toMatchObject({ clockMHz: 241.5, sdkVersion: 'v++ 2022.1' });
});

it('keeps which lines of a report cannot be read, and what else the report tells', async () => {
  const report = 'Logic utilization: 9,999 / 10\nDSP blocks: 3 / 112\nActual clock freq: 110\n';
  const image = aocx({ ...AOCX_SECTIONS, '.acl.quartus_report': report });
  const added = await library.add(await given('network.aocx', image));
  expect(added).toMatchObject({
    clockMHz: 110,
    resources: { logic: null, dspBlocks: { used: 3, of: 112 } },
    unreadableLines: ['Logic utilization: 9,999 / 10'],
  });
  expect(imageRemark(added)).toBe('A line of the report cannot be right: Logic utilization: 9,999 / 10');
  const fast = xclbin({ clocks: [{ mhz: 65_535, type: 1 }] });
  expect(await library.add(await given('network.xclbin', fast, null))).toMatchObject({
    clockMHz: null,
    unreadableLines: ['DATA clock: 65535 MHz'],
  });
});

it('keeps an image once, and another beside it', async () => {
  const file = await given('network.aocx', aocx());
  await library.add(file);
  await library.add(file);
  await library.add(await given('other.xclbin', xclbin(), null));
  expect((await library.list()).map(({ name }) => name).sort()).toEqual(['network.aocx', 'other.xclbin']);
});

it('keeps what it knows of an image when a copy without a manifest comes', async () => {
  await library.add(await given('network.aocx', aocx()));
  const again = await library.add(await given('copy.aocx', aocx(), null));
  expect(again.manifest).toMatchObject({ precision: 'a4' });
});

it.skipIf(process.platform === 'win32')('does not wait for a record that is a pipe', async () => {
  const { id } = await library.add(await given('network.aocx', aocx()));
  const record = join(folder, 'library', id, 'record.json');
  await rm(record);
  execFileSync('mkfifo', [record]);
  expect(await library.list()).toMatchObject([{ id, problem: expect.stringContaining('record is damaged') }]);
});

describe('an image whose manifest is of another one is refused', () => {
  it.each<[string, Partial<ImageManifest>, RegExp]>([
    ['bytes', { sha256: 'c'.repeat(64) }, /its bytes are not those that its manifest describes/],
    ['board', { board: 'de5net_a7' }, /its manifest says board de5net_a7, the image itself de10_standard/],
    ['target', { target: 'emulator' }, /its manifest says target emulator/],
    ['kernels', { kernels: ['loader', 'layer9'] }, /it lacks the kernels layer9/],
  ])('%s', async (_what, change, reason) => {
    const file = await given('network.aocx', aocx(), manifestOf(aocx(), change));
    await expect(library.add(file)).rejects.toThrow(reason);
    await expect(library.add(file)).rejects.toMatchObject({
      remedy: expect.stringContaining('network.aocx.json is of an earlier one: remove it'),
    });
    expect(await library.list()).toEqual([]);
  });

  it('and a manifest that is none', async () => {
    const file = await given('network.aocx', aocx(), { format: 'something' });
    await expect(library.add(file)).rejects.toThrow(/is no manifest of an image/);
    await writeFile(`${file}.json`, '{');
    await expect(library.add(file)).rejects.toThrow(/it is no JSON/);
  });
});

it('removes an image, and says when there is none', async () => {
  const { id } = await library.add(await given('network.aocx', aocx()));
  await library.remove(id);
  expect(await readdir(join(folder, 'library'))).toEqual([]);
  await expect(library.remove(id)).rejects.toMatchObject({ kind: 'unknown-name', where: id });
  await expect(library.remove('../../etc')).rejects.toMatchObject({ kind: 'unknown-name' });
});

it('shows what happened to an image since', async () => {
  const { id, path } = await library.add(await given('network.aocx', aocx()));
  await writeFile(path, 'changed');
  expect((await library.get(id)).problem).toBe('The file in the library has changed.');
  const bytes = aocx();
  bytes[bytes.indexOf('configuration')]! ^= 1;
  await writeFile(path, bytes);
  expect((await library.get(id)).problem).toBe('The file in the library has changed.');
  await writeFile(path, aocx());
  expect((await library.get(id)).problem).toBeNull();
  await rm(path);
  expect((await library.get(id)).problem).toBe('The file is gone from the library.');
});

it('shows an image whose record is damaged, and removes it', async () => {
  const { id, sha256 } = await library.add(await given('network.aocx', aocx()));
  await writeFile(join(folder, 'library', id, 'record.json'), '{"version": 1, ');
  expect(await library.list()).toMatchObject([
    {
      id,
      sha256,
      board: 'de10_standard_sharedonly',
      manifest: null,
      problem: expect.stringContaining('damaged'),
    },
  ]);
  await library.remove(id);
  expect(await library.list()).toEqual([]);
});

it('sweeps up what a killed adding has left, and nothing younger', async () => {
  const old = join(folder, 'library', '.0123456789abcdef.0123456789ab');
  const young = join(folder, 'library', '.0123456789abcdef.ba9876543210');
  for (const left of [old, young]) await mkdir(left, { recursive: true });
  await utimes(old, 1, 1);
  const { id } = await library.add(await given('network.aocx', aocx()));
  expect((await readdir(join(folder, 'library'))).sort()).toEqual([basename(young), id].sort());
});

describe('names that would break a table', () => {
  const turned = 'de10\u202eylno';
  it.each([
    ['a line break', 'de10\nnano'],
    ['a sign that turns the direction', turned],
    ['a thousand letters', 'x'.repeat(1000)],
  ])('of a board are refused: %s', async (_what, board) => {
    const image = aocx({ ...AOCX_SECTIONS, '.acl.board': `${Buffer.from(board).toString('latin1')}\0` });
    await expect(library.add(await given('network.aocx', image, null))).rejects.toThrow(/name of the board/);
  });

  it('of a network are refused', async () => {
    const manifest = manifestOf(aocx(), { network: 'mnist\n784' });
    await expect(library.add(await given('network.aocx', aocx(), manifest))).rejects.toThrow(
      /cannot be shown/,
    );
  });

  it.skipIf(process.platform === 'win32')('of a file are shown with question marks', async () => {
    const { name } = await library.add(await given('net\u202ework\n.aocx', aocx()));
    expect(name).toBe('net?work?.aocx');
  });
});

it('says where something else stands in the place of the library', async () => {
  await writeFile(join(folder, 'library'), 'a file');
  await expect(library.list()).rejects.toMatchObject({ kind: 'storage', where: join(folder, 'library') });
  const file = await given('network.aocx', aocx());
  await expect(library.add(file)).rejects.toMatchObject({
    kind: 'storage',
    message: 'The image could not be added: the library is no folder.',
  });
});

it('ignores what is no image of its own', async () => {
  await mkdir(join(folder, 'library', '0123456789abcdef'), { recursive: true });
  await writeFile(join(folder, 'library', '0123456789abcdef', 'record.json'), '{"version": 2}');
  await mkdir(join(folder, 'library', 'notes'));
  expect(await library.list()).toEqual([]);
});

describe('a run', () => {
  it('finds the images that serve it', async () => {
    const fitting = await library.add(await given('network.aocx', aocx()));
    const other = aocx({ ...AOCX_SECTIONS, '.acl.version': '20.1' });
    await library.add(await given('other.aocx', other, manifestOf(other, { networkSha256: 'd'.repeat(64) })));
    await library.add(await given('unknown.xclbin', xclbin(), null));
    expect(await library.serving(NEEDS)).toEqual([fitting]);
  });

  it('gets the bytes of an image that fits', async () => {
    const image = await library.add(await given('network.aocx', aocx()));
    expect(await readCheckedImage(image, NEEDS)).toEqual(aocx());
  });

  it.each<[string, Partial<ImageNeeds>, RegExp]>([
    [
      'another network',
      { networkSha256: 'e'.repeat(64) },
      /generated for another network, precision or folding/,
    ],
    ['another board', { board: 'de5net_a7' }, /is for the board de10_standard_sharedonly, not de5net_a7/],
    ['the emulator', { target: 'emulator' }, /for a board, not the emulator/],
    ['another vendor', { vendor: 'amd' }, /an image for Intel’s boards/],
    ['more kernels', { kernels: ['loader', 'widths0'] }, /lacks the kernels widths0/],
  ])('for %s is told so', async (_what, change, reason) => {
    const image = await library.add(await given('network.aocx', aocx()));
    await expect(readCheckedImage(image, { ...NEEDS, ...change })).rejects.toThrow(reason);
  });

  it('with scales of its own is told where an image has others built in', async () => {
    const manifest = manifestOf(aocx(), { scalesSha256: 'f'.repeat(64) });
    const image = await library.add(await given('network.aocx', aocx(), manifest));
    await expect(readCheckedImage(image, NEEDS)).rejects.toThrow(/has the scales of another model built in/);
    expect(await readCheckedImage(image, { ...NEEDS, scalesSha256: 'f'.repeat(64) })).toEqual(aocx());
  });

  it('never gets a flipped byte, nor an image without a manifest', async () => {
    const image = await library.add(await given('network.aocx', aocx()));
    const bytes = aocx();
    bytes[bytes.indexOf('configuration')]! ^= 1;
    await writeFile(image.path, bytes);
    await expect(readCheckedImage(image, NEEDS)).rejects.toThrow(/its bytes are not those/);
    await expect(readCheckedImage({ ...image, manifest: null }, NEEDS)).rejects.toThrow(/has no manifest/);
  });
});
