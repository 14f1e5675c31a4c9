import { describe, expect, it } from 'vitest';
import { GROUP, isOrder, orderByZeros } from '../../../core/network/channelOrder';
import { testRandom } from '../../random';

const random = testRandom('channel order');
const PLACES = 1000;

/** Masks of channels that are zero at a random share of places, drawn once for each family and then blurred a little. */
function families(count: number, members: number): { masks: Uint32Array[]; family: number[] } {
  const family = random.shuffle(Array.from({ length: count * members }, (_, i) => i % count));
  const silent = Array.from({ length: count }, () =>
    Array.from({ length: PLACES }, () => random.unit() < 0.5),
  );
  const masks = family.map((its) => {
    const mask = new Uint32Array(Math.ceil(PLACES / 32));
    silent[its]!.forEach((zero, place) => {
      if (random.unit() < 0.02 ? !zero : zero) mask[place >> 5]! |= 1 << (place & 31);
    });
    return mask;
  });
  return { masks, family };
}

describe('orderByZeros', () => {
  it('puts channels together that are zero together', () => {
    const { masks, family } = families(9, GROUP);
    const groups = orderByZeros(masks).map((channel) => family[channel]);
    for (let first = 0; first < groups.length; first += GROUP)
      expect(new Set(groups.slice(first, first + GROUP)).size).toBe(1);
  });

  it.each([0, 1, 3, 4, 5, 30])('gives each of %i channels once', (channels) => {
    const { masks } = families(channels, 1);
    expect(isOrder(orderByZeros(masks), channels)).toBe(true);
  });
});

describe('isOrder', () => {
  it.each([
    ['a channel twice', [0, 1, 1]],
    ['one that is not there', [0, 1, 3]],
    ['too few', [0, 1]],
    ['too many', [0, 1, 2, 3]],
    ['a half', [0, 1, 0.5]],
  ])('refuses %s', (_, order) => {
    expect(isOrder(order, 3)).toBe(false);
  });
});
