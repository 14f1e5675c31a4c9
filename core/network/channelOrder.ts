/**
 * An order of the channels of an activation tensor in which channels that are zero together stand together: kernels
 * that take four channels at a time skip a group where all are zero.
 *
 * Greedy: a group starts with the channel that is zero most often, of those that are left, and takes in turn the
 * one that leaves most places where all of the group are zero.
 */
export const GROUP = 4;

/**
 * @param zero [channels][places / 32]: bit p % 32 of word p / 32 is set where the channel is zero at place p
 * @returns the channel that comes at each position
 */
export function orderByZeros(zero: readonly Uint32Array[]): number[] {
  const zeros = zero.map((mask) => mask.reduce((sum, word) => sum + bitCount(word), 0));
  const left = new Set(zero.keys());
  const order: number[] = [];
  const take = (value: (channel: number) => number): number => {
    let best = -1;
    let most = -1;
    for (const channel of left) {
      const its = value(channel);
      if (its > most) {
        most = its;
        best = channel;
      }
    }
    left.delete(best);
    order.push(best);
    return best;
  };
  while (left.size > 0) {
    const joint = Uint32Array.from(zero[take((channel) => zeros[channel]!)]!);
    for (let member = 1; member < GROUP && left.size > 0; member++) {
      const next = zero[take((channel) => commonBits(joint, zero[channel]!))]!;
      for (let i = 0; i < joint.length; i++) joint[i]! &= next[i]!;
    }
  }
  return order;
}

/** Whether each of 0 .. length - 1 is there once. */
export function isOrder(order: readonly number[], length: number): boolean {
  const left = new Set(Array(length).keys());
  return order.length === length && order.every((channel) => left.delete(channel));
}

function commonBits(a: Uint32Array, b: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += bitCount(a[i]! & b[i]!);
  return sum;
}

/** Bits set in a word of 32: pairs, then fours, then bytes are summed in place. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
