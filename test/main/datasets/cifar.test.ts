import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCifarBinary } from '../../../main/datasets/cifarBinary';
import { readCifarPng } from '../../../main/datasets/cifarPng';
import { readCifarPython } from '../../../main/datasets/cifarPython';
import { testRandom } from '../../random';
import { cifarBinaryFile, cifarPngFile, cifarPythonFile, randomCifar } from './formats';
import { temporaryFolder } from './temporaryFolder';

const random = testRandom('cifar');
const folder = temporaryFolder();
const first = randomCifar(random, 3);
const second = randomCifar(random, 3);
const both = {
  height: 32,
  width: 32,
  channels: 3,
  classes: 10,
  images: Uint8Array.of(...first.images, ...second.images),
  labels: Uint8Array.of(...first.labels, ...second.labels),
};

function write(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the three forms of CIFAR-10 give the same bytes', () => {
  it('binary batches', async () => {
    const files = [first, second].map((batch, i) => write(`${i}.bin`, cifarBinaryFile(batch)));
    expect(await readCifarBinary(files)).toEqual(both);
  });

  it('python batches', async () => {
    const files = [first, second].map((batch, i) => write(`${i}`, cifarPythonFile(batch)));
    expect(await readCifarPython(files)).toEqual(both);
  });

  it('PNG strips', async () => {
    const files = [first, second].map((batch, i) => write(`${i}.png`, cifarPngFile(batch)));
    const labels = write('labels.json', JSON.stringify([...both.labels]));
    expect(await readCifarPng(files, labels, 3)).toEqual(both);
  });
});

const refusedAt = (place: string, reason: string) => ({
  kind: 'refused-file',
  where: expect.stringContaining(place),
  message: expect.stringContaining(reason),
});

describe('a binary batch is refused if it', () => {
  const good = cifarBinaryFile(first);
  it.each<[string, Uint8Array, string, string]>([
    ['is empty', new Uint8Array(), 'file', 'has 0 bytes'],
    ['ends inside a record', good.subarray(0, 5000), 'file', 'has 5000 bytes, not a multiple of 3073'],
    ['names an eleventh class', Buffer.from(good).fill(10, 3073, 3074), 'byte 3073', 'label is 10'],
  ])('%s', async (_, content, place, reason) => {
    await expect(readCifarBinary([write('bad.bin', content)])).rejects.toMatchObject(
      refusedAt(place, reason),
    );
  });
});

describe('a python batch is refused if it', () => {
  const good = cifarPythonFile(first);
  const replaced = (from: string, to: string) =>
    Buffer.from(good.toString('latin1').replace(from, to), 'latin1');
  it.each<[string, Uint8Array, string, string]>([
    ['is empty', new Uint8Array(), 'byte 0', 'protocol 2'],
    ['has another protocol', replaced('\x80\x02', '\x80\x04'), 'byte 0', 'protocol 2'],
    [
      'names another function',
      replaced('cnumpy.core.multiarray\n_rec', 'cos\nsystem\ncnumpy\n_rec'),
      'byte',
      'global os.system',
    ],
    [
      'begins with a call',
      replaced('}', 'cos\nsystem\nU\x02idR'),
      'byte 2',
      '"global os.system" where "empty dict"',
    ],
    ['uses an opcode that builds objects', replaced('}', 'i'), 'byte 2', 'opcode 0x69 has no place'],
    ['holds floats', replaced('u1', 'f4'), 'byte', '"text f4" where "text u1"'],
    ['is in Fortran order', replaced('t\x62\x89', 't\x62\x88'), 'byte', 'opcode 0x88'],
    ['names more rows than it has', replaced('M\x03\x00M', 'M\xff\xffM'), 'byte', 'do not fit its shape'],
    ['has a key twice', replaced('U\x09filenames', 'U\x06labels'), 'byte', '"text labels" has no place'],
    ['has a label beyond 9', replaced('(K', '(K\x0aK'), 'byte', 'label is 10'],
    ['ends early', good.subarray(0, 9000), 'byte', 'ends inside the pickle'],
    ['goes on behind its end', Buffer.concat([good, good]), 'byte', 'Bytes follow'],
  ])('%s', async (_, content, place, reason) => {
    await expect(readCifarPython([write('bad', content)])).rejects.toMatchObject(refusedAt(place, reason));
  });
});

describe('a PNG strip is refused if it', () => {
  const good = cifarPngFile(first);
  const labels = () => write('labels.json', '[1,2,3]');
  const withChunk = (type: string) => {
    const chunk = Buffer.alloc(12);
    chunk.write(type, 4, 'latin1');
    return Buffer.concat([good.subarray(0, 33), chunk, good.subarray(33)]);
  };
  const tooLong = Buffer.from(cifarPngFile(randomCifar(random, 4))).fill(3, 23, 24);
  const tooShort = Buffer.from(cifarPngFile(randomCifar(random, 2))).fill(3, 23, 24);
  const damaged = Buffer.from(good);
  damaged[good.length - 40]! ^= 255;
  it.each<[string, Uint8Array, string, string]>([
    ['is empty', new Uint8Array(), 'byte 0', 'signature'],
    ['is another kind of file', Buffer.from('GIF89a, which is no PNG'), 'byte 0', 'signature'],
    ['has another size', cifarPngFile(randomCifar(random, 4)), 'byte 16', 'not 1024 x 3 pixels'],
    ['unpacks to more than its size', tooLong, 'image data', 'unpacks to over 9219 bytes'],
    ['unpacks to less than its size', tooShort, 'image data', 'unpacks to 6146 bytes'],
    ['has too large a chunk', Buffer.from(good).fill(255, 33, 37), 'byte 33', 'ends inside a chunk'],
    ['has a chunk of another kind', withChunk('iCCP'), 'byte 33', 'does not belong here'],
    ['has no end', good.subarray(0, good.length - 12), 'byte', 'no end'],
    ['goes on behind its end', Buffer.concat([good, Buffer.alloc(12)]), 'byte', 'follow the end'],
    ['is damaged inside', damaged, 'image data', 'damaged'],
  ])('%s', async (_, content, place, reason) => {
    const strip = write('bad.png', content);
    await expect(readCifarPng([strip], labels(), 3)).rejects.toMatchObject(refusedAt(place, reason));
  });

  it.each([
    ['no JSON', '[1, 2', 'not JSON'],
    ['too few', '[1, 2]', 'not an array of 3 labels'],
    ['no number', '[1, "2", 3]', 'label is 2'],
    ['no class', '[1, 2, 10]', 'label is 10'],
  ])('its labels are %s', async (_, text, reason) => {
    const strip = write('good.png', good);
    const bad = write('bad.json', text);
    await expect(readCifarPng([strip], bad, 3)).rejects.toMatchObject(refusedAt('bad.json', reason));
  });
});
