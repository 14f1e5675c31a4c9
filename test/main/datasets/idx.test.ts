import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readIdx, readIdxSplit } from '../../../main/datasets/idx';
import { idxFile } from './formats';
import { temporaryFolder } from './temporaryFolder';

const folder = temporaryFolder();
const pixels = Uint8Array.from({ length: 2 * 3 * 4 }, (_, i) => i * 10);
const good = idxFile([2, 3, 4], pixels);

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('an IDX file', () => {
  it.each([
    ['plain', 'images', good],
    ['gzipped', 'images.gz', gzipSync(good)],
  ])('is read, %s', async (_, name, content) => {
    expect(await readIdx(write(name, content), 3)).toEqual({ dimensions: [2, 3, 4], data: pixels });
  });

  it('makes a split together with its labels', async () => {
    const images = write('images', good);
    const labels = write('labels', idxFile([2], Uint8Array.of(3, 7)));
    expect(await readIdxSplit(images, labels)).toEqual({
      height: 3,
      width: 4,
      channels: 1,
      classes: 8,
      images: pixels,
      labels: Uint8Array.of(3, 7),
    });
  });

  const huge = Buffer.from(good);
  huge.writeUInt32BE(0xffffffff, 4);
  huge.writeUInt32BE(0xffffffff, 8);
  const bomb = gzipSync(idxFile([1_000_000, 28, 28], new Uint8Array(16)));
  const flipped = gzipSync(good);
  flipped[flipped.length - 6]! ^= 1;
  it.each<[string, string, Uint8Array, string, string]>([
    ['is empty', 'a', new Uint8Array(), 'byte 0', 'ends inside its 16-byte header'],
    ['ends inside its header', 'a', good.subarray(0, 10), 'byte 10', 'ends inside its 16-byte header'],
    ['starts with something else', 'a', Buffer.from(good).fill(1, 0, 1), 'byte 0', 'two zero bytes'],
    ['holds floats', 'a', Buffer.from(good).fill(13, 2, 3), 'byte 2', 'only unsigned bytes'],
    ['has another rank', 'a', idxFile([24], pixels), 'byte 3', '1 dimensions where 3 belong'],
    ['has an empty dimension', 'a', idxFile([2, 0, 4], pixels), 'byte 8', 'Dimension 1 is 0'],
    ['names more than it can hold', 'a', huge, 'byte 4', 'at most 40 can be there'],
    ['names more than may be unpacked', 'a.gz', bomb, 'byte 4', 'at most 201326592 can be there'],
    ['is cut short', 'a', good.subarray(0, 39), 'byte 39', 'its header names 40 bytes'],
    ['is too long', 'a', Buffer.concat([good, good]), 'byte 40', 'more data than the header names'],
    ['is no gzip', 'a.gz', good, 'byte 0', 'gzip data is damaged'],
    ['fails its checksum', 'a.gz', flipped, 'byte', 'gzip data is damaged'],
    ['is cut inside the gzip data', 'a.gz', gzipSync(good).subarray(0, 30), 'byte', 'gzip data is damaged'],
    [
      'has bytes behind the gzip data',
      'a.gz',
      Buffer.concat([gzipSync(good), Buffer.alloc(9)]),
      'byte',
      'follow',
    ],
  ])('is refused if it %s', async (_, name, content, place, reason) => {
    const path = write(name, content);
    const refusal = await readIdx(path, 3).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({
      kind: 'refused-file',
      where: expect.stringContaining(`${path}, ${place}`),
      message: expect.stringContaining(reason),
    });
  });

  it('is refused if there are not as many labels as images', async () => {
    const images = write('images', good);
    const labels = write('labels', idxFile([3], Uint8Array.of(3, 7, 1)));
    await expect(readIdxSplit(images, labels)).rejects.toMatchObject({
      kind: 'refused-file',
      message: 'There are 3 labels for 2 images.',
    });
  });

  it('is refused if it is a folder', async () => {
    await expect(readIdx(folder, 3)).rejects.toMatchObject({ kind: 'refused-file' });
  });
});
