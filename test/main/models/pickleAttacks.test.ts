/**
 * Pickles made to run something, to take all memory, or to lie. The ways to run code are those that the
 * public scanners for pickles describe: GLOBAL, STACK_GLOBAL, INST, OBJ, NEWOBJ, BUILD, EXT, persistent ids.
 */
import { describe, expect, it } from 'vitest';
import { openModel, readModelFrom } from '../../../main/models/openModel';
import { unpickle } from '../../../main/models/pytorch/unpickler';
import { inMemory, joined, refusalOf, useTestFolder, written } from './files';
import * as p from './pickleAssembler';

useTestFolder();

async function refusalOfPickle(object: Uint8Array | readonly number[]): Promise<string> {
  const file = await written('attack.pt', p.legacyFile(object));
  const refusal = await refusalOf(openModel(file), file);
  expect(refusal.where).toContain('byte');
  return refusal.message;
}

const line = (text: string) => [...new TextEncoder().encode(`${text}\n`)];
const short = (text: string) => [0x8c, text.length, ...new TextEncoder().encode(text)];
const NEWOBJ = [0x81];
const shell = p.text('touch bnnw-was-here');

describe('pickles that would run something', () => {
  it.each([
    ['os.system', p.call(p.global('os', 'system'), shell), 'os.system'],
    ['posix.system', p.call(p.global('posix', 'system'), shell), 'posix.system'],
    ['nt.system', p.call(p.global('nt', 'system'), shell), 'nt.system'],
    ['subprocess.Popen', p.call(p.global('subprocess', 'Popen'), shell), 'subprocess.Popen'],
    ['builtins.eval', p.call(p.global('builtins', 'eval'), shell), 'builtins.eval'],
    ['builtins.exec', p.call(p.global('__builtin__', 'exec'), shell), '__builtin__.exec'],
    ['builtins.getattr', p.call(p.global('builtins', 'getattr'), shell), 'builtins.getattr'],
    ['runpy', p.call(p.global('runpy', '_run_code'), shell), 'runpy._run_code'],
    ['pip.main', p.call(p.global('pip', 'main'), shell), 'pip.main'],
    ['torch.load', p.call(p.global('torch', 'load'), shell), 'torch.load'],
    ['torch.hub', p.call(p.global('torch.hub', 'load'), shell), 'torch.hub.load'],
    ['a dotted name', p.global('torch', 'serialization.os.system'), 'serialization.os.system'],
    ['a module that joins to a known name', p.global('torch._utils._rebuild', 'tensor_v2'), 'tensor_v2'],
    ['STACK_GLOBAL', joined(short('os'), short('system'), [0x93]), 'os.system'],
    ['STACK_GLOBAL of no texts', joined(p.NONE, p.NONE, [0x93]), 'STACK_GLOBAL'],
    ['INST', joined(p.MARK, shell, [0x69], line('os'), line('system')), 'INST'],
    ['OBJ', joined(p.MARK, p.global('collections', 'OrderedDict'), shell, [0x6f]), 'OBJ'],
    ['NEWOBJ', joined(p.global('collections', 'OrderedDict'), p.EMPTY_TUPLE, NEWOBJ), 'NEWOBJ'],
    ['NEWOBJ_EX', joined(p.global('collections', 'OrderedDict'), p.EMPTY_TUPLE, [0x92]), 'NEWOBJ_EX'],
    ['EXT1', [0x82, 1], 'EXT1'],
    ['EXT2', [0x83, 1, 0], 'EXT2'],
    ['EXT4', [0x84, 1, 0, 0, 0], 'EXT4'],
    ['NEXT_BUFFER', [0x97], 'NEXT_BUFFER'],
    ['PERSID', [0x50, ...line('os.system')], 'PERSID'],
    ['an unknown opcode', [0xff], '0xff'],
    ['REDUCE of a text', p.call(p.text('os.system'), shell), 'REDUCE'],
    ['REDUCE of a storage class', p.call(p.global('torch', 'FloatStorage'), shell), 'torch.FloatStorage'],
    ['REDUCE without a tuple', joined(p.global('collections', 'OrderedDict'), shell, p.REDUCE), 'tuple'],
    ['OrderedDict of arguments', p.call(p.global('collections', 'OrderedDict'), shell), 'OrderedDict'],
    ['BUILD of a tensor', joined(p.tensor(), p.stateDict({ __setstate__: shell }), p.BUILD), 'BUILD'],
    ['BUILD of a global', joined(p.global('collections', 'OrderedDict'), p.EMPTY_DICT, p.BUILD), 'BUILD'],
    ['BUILD with slots', joined(p.EMPTY_DICT, p.tuple(p.NONE, p.EMPTY_DICT), p.BUILD), 'BUILD'],
    ['a persistent id for a module', joined(p.tuple(p.text('module'), shell), p.BINPERSID), 'module'],
    ['a persistent id that is a text', joined(shell, p.BINPERSID), 'tuple'],
  ])('%s', async (_, object, reason) => {
    expect(await refusalOfPickle(object)).toContain(reason);
  });

  it('makes names like __proto__ plain entries', () => {
    const { value } = unpickle(p.pickle(p.stateDict({ ['__proto__']: p.TRUE })), 'f', 'p');
    expect(value).toEqual({ kind: 'dict', entries: new Map([['__proto__', true]]) });
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('pickles that would take all time or memory', () => {
  const repeated = (count: number, part: readonly number[]) =>
    Buffer.alloc(count * part.length, Uint8Array.from(part));

  it.each([
    ['open marks', repeated(1000, p.MARK), 'nested deeper'],
    ['tuples in tuples', joined(p.EMPTY_TUPLE, repeated(1000, [0x85])), 'nested deeper'],
    // Each tuple holds the one before it twice, by the memo: 2^100 leaves if somebody walked them.
    [
      'a billion laughs',
      joined(p.NONE, [0x71, 0], repeated(100, [0x68, 0, 0x68, 0, 0x86, 0x71, 0])),
      'nested',
    ],
    ['lists in lists', joined(repeated(20_000, p.EMPTY_LIST), repeated(19_999, [0x61])), 'nested deeper'],
    ['a large memo', joined(p.NONE, repeated(600_000, [0x94])), 'memo'],
    ['endless opcodes', joined(p.NONE, [0x71, 0], repeated(2_000_001, [0x71, 0])), 'opcodes'],
    ['a million dicts', repeated(1_000_000, p.EMPTY_DICT), 'containers'],
    ['a huge integer', [0x8a, 255, ...new Uint8Array(255)], 'integer of 255 bytes'],
    ['a huge integer (LONG4)', [0x8b, 0xff, 0xff, 0xff, 0x7f], 'LONG4'],
    ['a decimal integer', [0x4c, ...line('9'.repeat(100_000))], 'LONG'],
    ['a long text', [0x58, 0xff, 0xff, 0xff, 0xff], 'text of 4294967295'],
    ['a long text (BINUNICODE8)', [0x8d, ...p.u64(2n ** 63n)], 'BINUNICODE8'],
    ['a long name', [0x63, ...line('a'.repeat(10_000))], 'name without an end'],
    ['a frame of 2^64 bytes', [0x95, ...p.u64(2n ** 64n - 1n), 0xff], '0xff'],
  ])('%s', async (_, object, reason) => {
    expect(await refusalOfPickle(object)).toContain(reason);
  });
});

describe('pickles that are broken', () => {
  it.each([
    ['nothing on the stack', [], 'empty stack'],
    ['two objects at the end', joined(p.NONE, p.NONE), 'STOP before the end'],
    ['an open mark at the end', joined(p.NONE, p.MARK, p.NONE), 'STOP before the end'],
    ['no mark', p.TUPLE, 'no mark'],
    ['an empty memo', [0x68, 7], 'memo 7'],
    ['SETITEMS on a list', joined(p.EMPTY_LIST, p.MARK, p.NONE, p.NONE, p.SETITEMS), 'no dict'],
    ['APPENDS to a dict', joined(p.EMPTY_DICT, p.MARK, p.NONE, p.APPENDS), 'no list'],
    ['a key without a value', joined(p.EMPTY_DICT, p.MARK, p.NONE, p.SETITEMS), 'without a value'],
    ['a key twice', joined(p.EMPTY_DICT, p.MARK, shell, p.NONE, shell, p.NONE, p.SETITEMS), 'twice'],
    ['a tuple as key', joined(p.EMPTY_DICT, p.MARK, p.EMPTY_TUPLE, p.NONE, p.SETITEMS), 'no text'],
    ['a text that is not UTF-8', [0x58, 1, 0, 0, 0, 0xff], 'UTF-8'],
    ['protocol 0', [0x80, 0], 'protocol 0'],
    ['protocol 9', [0x80, 9], 'protocol 9'],
  ])('%s', async (_, object, reason) => {
    expect(await refusalOfPickle(object)).toContain(reason);
  });

  it.each([
    ['a text', p.text('weights'), 'no state dict'],
    ['a number as name', joined(p.EMPTY_DICT, p.MARK, [0x4b, 3], p.tensor(), p.SETITEMS), 'no name'],
    ['a text as tensor', p.stateDict({ a: shell }), 'no tensor'],
  ])('is no state dict: %s', async (_, object, reason) => {
    const file = await written('attack.pt', p.legacyFile(object));
    expect((await refusalOf(openModel(file), file)).message).toContain(reason);
  });
});

describe('tensors that lie', () => {
  const huge = 2n ** 62n;

  it.each([
    ['more than its storage', { shape: [7], strides: [1] }, 'more than its storage'],
    ['stride 0', { shape: [1_000_000_000], strides: [0] }, 'more than its storage'],
    ['a product beyond 2^53', { shape: [2 ** 30, 2 ** 30], strides: [0, 0] }, 'more than its storage'],
    ['a size beyond 2^53', { shape: [huge], strides: [1] }, 'a size of'],
    ['a negative size', { shape: [-2, 3] }, 'a size of -2'],
    ['a negative stride', { strides: [-3, 1] }, 'a stride of -3'],
    ['a huge stride', { strides: [2 ** 52, 1] }, 'leaves its storage'],
    ['a stride beyond 2^53', { strides: [huge, 1] }, 'a stride of'],
    ['an offset', { offset: 1 }, 'leaves its storage'],
    ['a negative offset', { offset: -1 }, 'wrong offset'],
    ['an offset beyond 2^53', { offset: huge }, 'wrong offset'],
    ['strides of other length', { strides: [1] }, 'strides'],
    ['17 dimensions', { shape: Array(17).fill(1), strides: Array(17).fill(1) }, '17 dimensions'],
    ['a storage of negative size', { elements: -1 }, 'wrong size'],
    ['a storage of 2^62 elements', { elements: huge }, 'wrong size'],
    ['a storage of an unknown class', { storageClass: 'ComplexFloatStorage' }, 'torch.ComplexFloatStorage'],
    ['a function as storage class', { key: '../x' }, 'key is no number'],
  ])('%s', async (_, claim, reason) => {
    expect(await refusalOfPickle(p.stateDict({ a: p.tensor(claim) }))).toContain(reason);
  });

  it.each([
    ['a storage larger than the file', { elements: 2 ** 40 }, p.u64(2 ** 40), 'larger than the file'],
    ['a storage of another size', {}, joined(p.u64(5), new Uint8Array(20)), 'has 5 elements'],
    ['a storage that is cut off', {}, joined(p.u64(6), new Uint8Array(23)), 'larger than the file'],
    ['a storage without a size', {}, [1, 2, 3], 'are asked of a file'],
    ['bytes behind the last storage', {}, joined(p.u64(6), new Uint8Array(25)), 'belong to nothing'],
  ])('%s', async (_, claim, storages, reason) => {
    const file = await written(
      'lies.pt',
      p.legacyFile(p.stateDict({ a: p.tensor(claim) }), ['0'], Uint8Array.from(storages)),
    );
    expect((await refusalOf(openModel(file), file)).message).toContain(reason);
  });

  it.each([
    ['a storage that no tensor uses', ['1'], 'no tensor uses it'],
    ['a key twice', ['0', '0'], 'a key twice'],
    ['no key', [], '0 keys for 1 storages'],
  ])('%s', async (_, keys, reason) => {
    const file = await written('lies.pt', p.legacyFile(p.stateDict({ a: p.tensor() }), keys));
    expect((await refusalOf(openModel(file), file)).message).toContain(reason);
  });

  it('one storage with two sizes', async () => {
    const object = p.stateDict({ a: p.tensor(), b: p.tensor({ elements: 7 }) });
    const file = await written('lies.pt', p.legacyFile(object));
    expect((await refusalOf(openModel(file), file)).message).toContain('two sizes');
  });

  it('one tensor with and without module.', async () => {
    const object = p.stateDict({ 'module.a': p.tensor(), a: p.tensor() });
    const file = await written('lies.pt', p.legacyFile(object));
    expect((await refusalOf(openModel(file), file)).message).toContain('with and without');
  });
});

it('refuses a file cut anywhere', async () => {
  const whole = p.legacyFile(p.stateDict({ a: p.tensor() }));
  for (let length = 0; length < whole.length; length++) {
    await refusalOf(readModelFrom(inMemory('cut.pt', whole.subarray(0, length)), {}), 'cut.pt');
  }
});
