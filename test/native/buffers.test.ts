import { expect, test } from 'vitest';
import { testRandom } from '../random';
import { deviceForEachTest } from './openDevice';

const device = deviceForEachTest();
const random = testRandom('native buffers');

test('what is written is read back, also in part', () => {
  const written = Uint8Array.from({ length: 1000 }, () => random.uint32() & 255);
  const buffer = device().own(device().context.createBuffer(1000));
  expect(buffer.bytes).toBe(1000);
  device().queue.write(buffer, written);
  const all = new Uint8Array(1000);
  device().queue.read(buffer, all);
  expect(all).toEqual(written);

  device().queue.write(buffer, Uint8Array.of(1, 2, 3), 500);
  const part = new Uint8Array(5);
  device().queue.read(buffer, part, 499);
  expect([...part]).toEqual([written[499], 1, 2, 3, written[503]]);
});

test('a view into a larger array is what is copied', () => {
  const buffer = device().own(device().context.createBuffer(4));
  const whole = Uint8Array.of(9, 9, 1, 2, 3, 4, 9);
  device().queue.write(buffer, whole.subarray(2, 6));
  device().queue.read(buffer, whole.subarray(3));
  expect([...whole]).toEqual([9, 9, 1, 1, 2, 3, 4]);
});

test('copies outside of the buffer are refused', () => {
  const buffer = device().own(device().context.createBuffer(16));
  const { queue } = device();
  expect(() => queue.write(buffer, new Uint8Array(17))).toThrow(RangeError);
  expect(() => queue.write(buffer, new Uint8Array(16), 1)).toThrow('16 bytes at offset 1 do not fit into 16');
  expect(() => queue.read(buffer, new Uint8Array(1), 16)).toThrow(RangeError);
  expect(() => queue.read(buffer, new Uint8Array(1), Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
  expect(() => queue.read(buffer, new Uint8Array(0))).toThrow(RangeError);
  expect(() => queue.read(buffer, new Uint8Array(1), -1)).toThrow(RangeError);
});

test('sizes and kinds of access that are none are refused', () => {
  const { context } = device();
  for (const bytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => context.createBuffer(bytes)).toThrow(RangeError);
  }
  expect(() => Reflect.apply(context.createBuffer, context, ['16'])).toThrow(TypeError);
  expect(() => Reflect.apply(context.createBuffer, context, [16, 'none'])).toThrow(TypeError);
  for (const access of ['read-write', 'read-only', 'write-only'] as const) {
    device().own(context.createBuffer(16, access));
  }
});

test('more memory than there is is the driver’s to refuse', () => {
  expect(() => device().context.createBuffer(2 ** 52)).toThrow(
    expect.objectContaining({ name: 'OpenClError', call: 'clCreateBuffer', buildLog: null }),
  );
});
