import { expect, it } from 'vitest';
import { exactHalf, halfToNumber } from '../../../main/models/elements';
import { testRandom } from '../../random';

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

it('halves are the numbers of IEEE 754', () => {
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555].map(halfToNumber)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    0.333251953125,
  ]);
  expect([0x8000, 0x7c00, 0xfc00, 0x7e00].map(halfToNumber)).toEqual([
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
});

it('every finite half becomes a float and itself again', () => {
  const changed: number[] = [];
  for (let half = 0; half < 65536; half++) {
    const value = halfToNumber(half);
    if (Number.isFinite(value) ? exactHalf(bitsOf(value)) !== half : exactHalf(bitsOf(value)) !== null) {
      changed.push(half);
    }
  }
  expect(changed).toEqual([]);
});

it('a float becomes a half only where that half is the same number', () => {
  const random = testRandom('elements');
  const halves = new Set(
    Array.from({ length: 65536 }, (_, half) => halfToNumber(half)).filter(Number.isFinite),
  );
  for (let i = 0; i < 100_000; i++) {
    // Few fraction bits, so that a good part of them are halves.
    const bits = (random.uint32() & (0xff800000 | (0x7fffff << random.below(24)))) >>> 0;
    const value = new Float32Array(Uint32Array.of(bits).buffer)[0]!;
    const half = exactHalf(bits);
    if (half === null ? halves.has(value) : halfToNumber(half) !== value) {
      expect.unreachable(`${value} became ${half}`);
    }
  }
});
