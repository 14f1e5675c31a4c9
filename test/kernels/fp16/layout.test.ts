import { describe, expect, it } from 'vitest';
import { nearestHalves } from '../../../main/devices/opencl/fp16/halves';
import {
  convolutionOrder,
  LINEAR_STAGE,
  mapLayout,
  packSteps,
  vectorInputs,
  vectorLayout,
} from '../../../main/devices/opencl/fp16/layout';
import { halfToNumber } from '../../../main/models/elements';
import { convolutionStep } from '../../core/network/convolutionStep';
import { testRandom } from '../../random';

const random = testRandom('layouts of halves');

describe('floats to halves', () => {
  const toHalf = (value: number) => nearestHalves(Float32Array.of(value))[0]!;

  it('keeps every half, and makes one NaN of all', () => {
    const values = Float32Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits));
    const expected = Uint16Array.from(values, (value, bits) => (Number.isNaN(value) ? 0x7e00 : bits));
    expect(nearestHalves(values)).toEqual(expected);
  });

  it('takes the nearest, and of two the one with an even last bit', () => {
    const lows = Uint16Array.from({ length: 0x7bff }, (_, low) => low);
    const middles = Float32Array.from(lows, (low) => (halfToNumber(low) + halfToNumber(low + 1)) / 2);
    // The floats before and behind: bits of positive floats count up.
    const moved = (by: number) =>
      new Float32Array(new Uint32Array(middles.buffer).map((bits) => bits + by).buffer);
    expect(nearestHalves(middles)).toEqual(lows.map((low) => low + (low % 2)));
    expect(nearestHalves(moved(-1))).toEqual(lows);
    expect(nearestHalves(moved(1).map((value) => -value))).toEqual(lows.map((low) => (low + 1) | 0x8000));
  });

  it('makes infinity of what is too large, and zero of what is too small', () => {
    expect(toHalf(65519)).toBe(0x7bff);
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(-1e30)).toBe(0xfc00);
    expect(toHalf(2 ** -25)).toBe(0);
    expect(toHalf(-(2 ** -40))).toBe(0x8000);
  });
});

/** Operand `a`, as the head of kernels/nvidia/ptx.cl tells it: 16 rows of 16 halves, from what the lanes hold. */
function operandA(lanes: Uint16Array): number[][] {
  const rows = Array.from({ length: 16 }, () => new Array<number>(16).fill(0));
  for (let lane = 0; lane < 32; lane++) {
    const [g, t] = [lane >> 2, lane & 3];
    for (const half of [0, 1]) {
      const at = (word: number) => lanes[lane * 8 + word * 2 + half]!;
      rows[g]![2 * t + half] = at(0);
      rows[g + 8]![2 * t + half] = at(1);
      rows[g]![8 + 2 * t + half] = at(2);
      rows[g + 8]![8 + 2 * t + half] = at(3);
    }
  }
  return rows;
}

/** The weights that output `o` meets in a step, from the packed bytes. */
function rowOf(packed: Uint8Array, steps: number, step: number, o: number): number[] {
  const halves = new Uint16Array(packed.buffer);
  const from = ((Math.floor(o / 64) * steps + step) * 4 + Math.floor((o % 64) / 16)) * 256;
  // Row 8 h + g is output 2 g + h.
  const row = (o % 2) * 8 + Math.floor((o % 16) / 2);
  return operandA(halves.subarray(from, from + 256))[row]!;
}

describe('operands', () => {
  it('are a convolution, 16 channels at a time and tap by tap', () => {
    const step = convolutionStep({ channels: 21, size: 8, outputs: 70, kernel: 3, padding: 1 });
    const weights = Uint16Array.from({ length: 70 * 21 * 9 }, () => 1 + random.below(60000));
    const packed = packSteps(weights, { outputs: 70, inputs: 21 * 9 }, convolutionOrder(step));
    expect(packed.length).toBe(128 * 32 * 9 * 2);
    for (let o = 0; o < 128; o++)
      for (let s = 0; s < 18; s++)
        rowOf(packed, 18, s, o).forEach((weight, k) => {
          const c = Math.floor(s / 9) * 16 + k;
          expect(weight).toBe(o < 70 && c < 21 ? weights[(o * 21 + c) * 9 + (s % 9)] : 0);
        });
  });

  it('are a linear layer, in the order of the activations in memory', () => {
    const shape = { channels: 5, height: 3, width: 2 };
    const layout = vectorLayout(shape, 6);
    expect(layout.image).toBe(64);
    const weights = Uint16Array.from({ length: 10 * 30 }, (_, i) => i + 1);
    const packed = packSteps(weights, { outputs: 10, inputs: 30 }, vectorInputs(layout));
    const steps = (layout.image / LINEAR_STAGE) * 2;
    for (let o = 0; o < 10; o++) {
      const row = Array.from({ length: steps }, (_, s) => rowOf(packed, steps, s, o)).flat();
      row.forEach((weight, k) => {
        const [pixel, c] = [Math.floor(k / 6), k % 6];
        expect(weight).toBe(pixel < 6 && c < 5 ? o * 30 + c * 6 + pixel + 1 : 0);
      });
    }
  });
});

it('leaves a margin, and room for whole tiles', () => {
  const step = convolutionStep({ channels: 3, size: 12, outputs: 8, kernel: 3, padding: 1 });
  const layout = mapLayout(step);
  expect(layout).toMatchObject({
    channels: 16,
    row: 18 * 16,
    rows: 18,
    image: 18 * 18 * 16,
    origin: 19 * 16,
  });
});
