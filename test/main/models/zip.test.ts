import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openModel, readModelFrom } from '../../../main/models/openModel';
import { readPyTorch } from '../../../main/models/pytorch';
import { crc32 } from '../../../main/models/pytorch/crc32';
import { inMemory, joined, refusalOf, useTestFolder, withSource, written } from './files';
import * as p from './pickleAssembler';
import { type EntryClaim, type ZipClaim, zip } from './zipAssembler';

useTestFolder();

const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
const ascii = (text: string) => new TextEncoder().encode(text);

/** A right `.pt` of one 2 x 3 tensor `a`, with the entry of its numbers and the whole changed as claimed. */
function pt(
  storage: Partial<EntryClaim> = {},
  whole: Partial<ZipClaim> = {},
  more: EntryClaim[] = [],
): Uint8Array {
  return zip({
    entries: [
      { name: 'net/data.pkl', data: p.pickle(p.stateDict({ a: p.tensor() })), descriptor: true },
      { name: 'net/byteorder', data: ascii('little') },
      { name: 'net/data/0', data: numbers, ...storage },
      ...more,
    ],
    ...whole,
  });
}

it('computes the CRC-32 of the standard', () => {
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  expect(crc32(ascii('6789'), crc32(ascii('12345')))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

describe('accepts', () => {
  it.each([
    ['sizes in the local header', pt()],
    ['sizes behind the data', pt({ descriptor: true })],
    ['zip64 end records', pt({}, { zip64: true })],
    [
      'letters beyond ASCII, as torch.save names entries after the file',
      pt({}, {}, [{ name: 'x y', data: numbers }]),
    ],
    [
      'an empty entry without its descriptor',
      pt({}, {}, [{ name: 'e', data: new Uint8Array(0), flags: 0x808 }]),
    ],
  ])('%s', async (_, bytes) => {
    const file = await written('right.pt', bytes);
    await withSource(file, async (source) => {
      const tensors = await readPyTorch(source, 'zip');
      expect(await tensors.get('a')!.read()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    });
  });
});

describe('refuses', () => {
  const packed = deflateRawSync(numbers);

  it.each([
    ['a compressed entry', pt({ data: packed, method: 8, localMethod: 8, bytes: 24 }), 'compressed'],
    ['compression told by the local header only', pt({ localMethod: 8 }), 'differs'],
    ['an encrypted entry', pt({ flags: 0x801 }), 'flags'],
    ['flags told by the local header only', pt({ localFlags: 0x801 }), 'differs'],
    ['two sizes', pt({ packedBytes: 23 }), 'two sizes'],
    ['a wrong checksum', pt({ crc: 1, localCrc: 1 }), 'checksum'],
    ['a checksum that differs', pt({ localCrc: 1 }), 'differs'],
    [
      'a changed byte',
      pt({ data: numbers.map((byte, i) => (i === 3 ? byte ^ 1 : byte)), crc: crc32(numbers) }),
      'differs',
    ],
    ['a descriptor that differs', pt({ descriptor: true, descriptorCrc: 1 }), 'data descriptor'],
    ['another local name', pt({ localName: 'net/data/1' }), 'another name'],
    ['a longer local name', pt({ localName: 'net/data/00' }), 'another name'],
    ['a name twice', pt({}, {}, [{ name: 'net/data/0', data: numbers }]), 'twice'],
    ['two pickles', pt({}, {}, [{ name: 'other/data.pkl', data: numbers }]), '2 entries data.pkl'],
    ['a folder above', pt({}, {}, [{ name: 'net/../../x', data: numbers }]), 'plain relative path'],
    ['a path from the root', pt({}, {}, [{ name: '/x', data: numbers }]), 'plain relative path'],
    ['a backslash', pt({}, {}, [{ name: 'a\\b', data: numbers }]), 'plain relative path'],
    ['a control character', pt({}, {}, [{ name: 'a\u0000b', data: numbers }]), 'plain relative path'],
    ['no name', pt({}, {}, [{ name: '', data: numbers }]), 'name of 0 bytes'],
    ['an entry that begins elsewhere', pt({ localOffset: 7 }), 'belongs to|starts at'],
    ['an entry beyond the end', pt({ localOffset: 0xfffffff0 }), 'starts at'],
    ['a size beyond the end', pt({ bytes: 0xfffffff0 }), 'differs|asked'],
    ['an extra field in the directory', pt({ centralExtra: new Uint8Array(8) }), 'extra field'],
    ['a hole', pt({}, { hole: new Uint8Array(5) }), 'belong to nothing'],
    ['a comment', pt({}, { comment: 'hello' }), 'end record is missing'],
    ['two disks', pt({}, { disks: 1 }), 'disks'],
    ['fewer entries', pt({}, { endEntries: 2 }), 'belong to no entry'],
    ['more entries', pt({}, { endEntries: 4 }), 'header is missing'],
    ['a directory elsewhere', pt({}, { endOffset: 3 }), 'does not end'],
    ['a zip64 record with another count', pt({}, { zip64: true, zip64Entries: 2 }), 'zip64|does not say'],
    ['a zip64 record with another place', pt({}, { zip64: true, zip64Offset: 0 }), 'does not say'],
    ['a zip64 record far away', pt({}, { zip64: true, locatorOffset: 2 ** 40 }), 'does not say'],
    ['zip64 numbers in the end record only', pt({}, { endOffset: 0xffffffff }), 'does not end'],
    ['bytes before the zip', joined(pt().subarray(0, 4), pt()), 'does not end'],
    ['bytes behind the zip', joined(pt(), [0]), 'end record is missing'],
    ['numbers of another size', pt({ data: numbers.subarray(4) }), '20 bytes for 6'],
    ['numbers under another key', pt({ name: 'net/data/1' }), 'missing'],
    ['numbers in another folder', pt({ name: 'other/data/0' }), 'missing'],
  ])('%s', async (_, bytes, reason) => {
    const file = await written('wrong.pt', bytes);
    expect((await refusalOf(openModel(file), file)).message).toMatch(new RegExp(reason));
  });

  it('big-endian numbers', async () => {
    const pickle = p.pickle(p.stateDict({ a: p.tensor() }));
    const entries = [
      { name: 'net/data.pkl', data: pickle },
      { name: 'net/byteorder', data: ascii('big') },
    ];
    const file = await written('wrong.pt', zip({ entries }));
    expect((await refusalOf(openModel(file), file)).message).toContain('little-endian');
  });

  it('bytes behind the pickle', async () => {
    const pickle = joined(p.pickle(p.stateDict({})), [0]);
    const file = await written('wrong.pt', zip({ entries: [{ name: 'net/data.pkl', data: pickle }] }));
    expect((await refusalOf(openModel(file), file)).message).toContain('behind the pickle');
  });

  it('a zip cut anywhere', async () => {
    const whole = pt();
    for (let length = 0; length < whole.length; length++) {
      await refusalOf(readModelFrom(inMemory('cut.pt', whole.subarray(0, length)), {}), 'cut.pt');
    }
  });
});
