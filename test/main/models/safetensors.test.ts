import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../main/models/safetensors/reader';
import { joined, refusalOf, useTestFolder, withSource, written } from './files';
import { floats, plainFile, safetensors } from './safetensorsAssembler';

useTestFolder();

const read = (file: string) => withSource(file, (source) => readSafetensors(source));

describe('accepts', () => {
  it('tensors in any order, with metadata', async () => {
    const header = { b: floats([2], 8, 16), __metadata__: { who: 'me' }, a: floats([1, 2], 0, 8) };
    const { tensors, metadata } = await read(await written('a.safetensors', safetensors(header, 16)));
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['b', [2]],
      ['a', [1, 2]],
    ]);
    expect(metadata).toEqual(new Map([['who', 'me']]));
  });

  it('spaces behind the header, escapes in names, no tensors', async () => {
    const { tensors } = await read(await written('a.safetensors', safetensors('{ }   ')));
    expect(tensors.size).toBe(0);
    const header = '{"\\u0061\\"\\\\":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}';
    const named = await read(await written('b.safetensors', safetensors(header, 4)));
    expect([...named.tensors.keys()]).toEqual(['a"\\']);
  });

  it('an empty tensor between others', async () => {
    const header = { a: floats([1], 0, 4), empty: floats([0, 3], 4, 4), b: floats([1], 4, 8) };
    const { tensors } = await read(await written('a.safetensors', safetensors(header, 8)));
    expect(tensors.get('empty')!.shape).toEqual([0, 3]);
  });

  it('floats as they are', async () => {
    const values = Float32Array.of(0.1, -0, 3e-45, 3e38);
    const file = await written('a.safetensors', plainFile({ a: { shape: [4], values } }));
    await withSource(file, async (source) => {
      const { tensors } = await readSafetensors(source);
      expect(await tensors.get('a')!.read()).toEqual(values);
    });
  });
});

const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';

describe('refuses', () => {
  it.each([
    ['an empty file', new Uint8Array(0), 'asked of a file'],
    ['seven bytes', new Uint8Array(7), 'asked of a file'],
    ['a header beyond the end', safetensors('{}', 0, 3), 'a header of 3 bytes'],
    ['a header over 100 MB', safetensors('{}', 0, 100_000_001), 'a header of 100000001'],
    ['a header of 2^64 - 1 bytes', safetensors('{}', 0, 2n ** 64n - 1n), 'a header of 18446744073709551615'],
    ['a header of no bytes', safetensors('', 10), 'does not begin'],
    ['a space before the header', safetensors(' {}'), 'does not begin'],
    ['a list', safetensors('[]'), 'does not begin'],
    ['text that is not UTF-8', joined([5, 0, 0, 0, 0, 0, 0, 0], [0x7b, 0x22, 0xff, 0x22, 0x7d]), 'UTF-8'],
    ['an object without an end', safetensors('{'), 'no " here'],
    ['text behind the object', safetensors('{}x'), 'behind the object'],
    ['a comma too many', safetensors(`{"a":${one},}`, 4), 'no " here'],
    ['a name twice', safetensors(`{"a":${one},"a":${one}}`, 4), '"a" stands twice'],
    ['a name twice, once escaped', safetensors(`{"a":${one},"\\u0061":${one}}`, 4), '"a" stands twice'],
    ['dtype twice', safetensors(`{"a":{"dtype":"F32","dtype":"F32"}}`), '"dtype" stands twice'],
    ['shape twice', safetensors(`{"a":{"shape":[1],"shape":[1]}}`), '"shape" stands twice'],
    ['data_offsets twice', safetensors(`{"a":{"data_offsets":[0,4],"data_offsets":[0,4]}}`), 'stands twice'],
    ['__metadata__ twice', safetensors(`{"__metadata__":{},"__metadata__":{}}`), 'stands twice'],
    ['a key of __metadata__ twice', safetensors(`{"__metadata__":{"a":"","a":""}}`), 'twice in __metadata__'],
    ['a number in __metadata__', safetensors(`{"__metadata__":{"a":1}}`), 'no " here'],
    ['__metadata__ as a text', safetensors(`{"__metadata__":"a"}`), 'no { here'],
    ['an unknown key', safetensors(`{"a":{"dtype":"F32","eval":"x"}}`), 'has no place'],
    ['no dtype', safetensors(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4), 'lacks'],
    ['no shape', safetensors(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), 'lacks'],
    ['one offset', safetensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}`, 4), 'lacks'],
    ['a negative size', safetensors({ a: floats([-1], 0, 4) }, 4), 'no whole number'],
    ['a size with a fraction', safetensors({ a: floats([1.5], 0, 4) }, 4), 'no ] here'],
    ['a size with an exponent', safetensors(`{"a":{"shape":[1e0]}}`), 'no ] here'],
    ['a size beyond 2^53', safetensors(`{"a":{"shape":[9007199254740993]}}`), 'no whole number'],
    ['a size with a leading zero', safetensors(`{"a":{"shape":[01]}}`), 'no whole number'],
    ['17 dimensions', safetensors({ a: floats(Array(17).fill(1), 0, 4) }, 4), 'more than 16'],
    [
      'a product beyond 2^53',
      safetensors({ a: floats([2 ** 52, 2 ** 52], 0, 4) }, 4),
      '4 bytes for the shape',
    ],
    [
      'an unknown dtype',
      safetensors({ a: { ...floats([1], 0, 4), dtype: 'F31' } }, 4),
      'dtype "F31" is unknown',
    ],
    ['too few bytes for a shape', safetensors({ a: floats([2], 0, 4) }, 4), '4 bytes for the shape [2]'],
    ['too many bytes for a shape', safetensors({ a: floats([1], 0, 8) }, 8), '8 bytes for the shape [1]'],
    ['an end before its begin', safetensors({ a: floats([1], 4, 0) }, 4), 'belong to nothing'],
    ['an overlap', safetensors({ a: floats([2], 0, 8), b: floats([2], 4, 12) }, 12), 'overlaps'],
    ['the same bytes twice', safetensors({ a: floats([1], 0, 4), b: floats([1], 0, 4) }, 4), 'overlaps'],
    ['a hole', safetensors({ a: floats([1], 0, 4), b: floats([1], 8, 12) }, 12), 'bytes 4 to 8 belong'],
    ['a hole at the start', safetensors({ a: floats([1], 4, 8) }, 8), 'bytes 0 to 4 belong'],
    ['bytes behind the last tensor', safetensors({ a: floats([1], 0, 4) }, 5), '5 bytes are there'],
    ['numbers that are cut off', safetensors({ a: floats([1], 0, 4) }, 3), '3 bytes are there'],
    ['a text with a line feed', safetensors('{"a\n":1}'), 'JSON string'],
    ['a text with a wrong escape', safetensors('{"\\x":1}'), 'JSON string'],
    ['a text without an end', safetensors('{"a'), 'no " here'],
  ])('%s', async (_, bytes, reason) => {
    const file = await written('wrong.safetensors', bytes);
    expect((await refusalOf(read(file), file)).message).toContain(reason);
  });

  it('objects in objects, 10,000 deep', async () => {
    const file = await written('wrong.safetensors', safetensors('{"a":'.repeat(10_000)));
    expect((await refusalOf(read(file), file)).message).toContain('has no place');
  });

  it('more tensors and metadata than any network has', async () => {
    const empty = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    const many = Array.from({ length: 21_000 }, (_, i) => `"${i}":${empty}`).join();
    const tensors = await written('tensors.safetensors', safetensors(`{${many}}`));
    expect((await refusalOf(read(tensors), tensors)).message).toContain('more than 20000 tensors');
    const keys = Array.from({ length: 20_000 }, (_, i) => `"${i}":""`).join();
    const metadata = await written('metadata.safetensors', safetensors(`{"__metadata__":{${keys}}}`));
    expect((await refusalOf(read(metadata), metadata)).message).toContain('more than 10000 keys');
  });

  it('numbers that are no bytes, read as bytes', async () => {
    const file = await written('floats.safetensors', safetensors({ a: floats([1], 0, 4) }, 4));
    await withSource(file, async (source) => {
      const { readBytes } = await readSafetensors(source);
      expect((await refusalOf(readBytes('a'), file)).message).toContain('no tensor of bytes');
    });
  });
});
