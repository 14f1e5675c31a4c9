import { describe, expect, it } from 'vitest';
import type { IntegerLayer } from '../../../main/devices/opencl/integer/layers';
import {
  activationBytes,
  channelAt,
  decodeActivations,
  packBytes,
  packConvolution,
  packLinear,
  quads,
  vectorQuads,
} from '../../../main/devices/opencl/nvidia/layout';
import { testRandom } from '../../random';

const random = testRandom('NVIDIA layouts');

function layerOf(
  channels: number,
  size: number,
  outputs: number,
  kernel: number,
  padding: number,
): IntegerLayer {
  const convolved = size + 2 * padding - kernel + 1;
  return {
    name: 'layer',
    input: { channels, height: size, width: size },
    convolved: { channels: outputs, height: convolved, width: convolved },
    output: { channels: outputs, height: convolved, width: convolved },
    ...{ kernelHeight: kernel, kernelWidth: kernel, stride: 1, padding, pool: null, signed: false },
    signs: Int8Array.from({ length: outputs * channels * kernel * kernel }, () => (random.below(2) ? 1 : -1)),
    requantization: { multiplier: new Int32Array(outputs), addend: new Int32Array(outputs), shift: 0 },
  };
}

/**
 * Operand `a` of a matrix instruction, as the head of ptx.cl tells it: rows of 8 words, from the words that the
 * lanes hold.
 */
function operandA(lanes: Uint32Array): number[][] {
  const rows = Array.from({ length: 16 }, () => new Array<number>(8).fill(0));
  for (let lane = 0; lane < 32; lane++) {
    const [x, y, z, w] = lanes.subarray(lane * 4, lane * 4 + 4);
    const g = lane >> 2;
    const t = lane & 3;
    rows[g]![t] = x!;
    rows[g + 8]![t] = y!;
    rows[g]![4 + t] = z!;
    rows[g + 8]![4 + t] = w!;
  }
  return rows;
}

const popcount = (value: number): number => {
  let bits = 0;
  for (let rest = value >>> 0; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
};

/** One bit plane of one window, as words of quads, of random bits [channel][tap]. */
function planeOf(bits: number[][], chunks: number): number[][] {
  const taps = bits[0]!.length;
  return Array.from({ length: taps * chunks }, (_, quad) =>
    Array.from({ length: 4 }, (_, word) => {
      let value = 0;
      for (let bit = 0; bit < 32; bit++) {
        const c = (quad % chunks) * 128 + channelAt(word * 32 + bit);
        if (bits[c]?.[Math.floor(quad / chunks)]) value |= 1 << bit;
      }
      return value >>> 0;
    }),
  );
}

function randomBits({ input, kernelHeight, kernelWidth }: IntegerLayer): number[][] {
  return Array.from({ length: input.channels }, () =>
    Array.from({ length: kernelHeight * kernelWidth }, () => random.below(2)),
  );
}

/** The number of set bits under positive signs, from the definition. */
function positives(layer: IntegerLayer, bits: number[][], output: number): number {
  const taps = layer.kernelHeight * layer.kernelWidth;
  let sum = 0;
  for (let c = 0; c < layer.input.channels; c++)
    for (let tap = 0; tap < taps; tap++)
      if (layer.signs[(output * layer.input.channels + c) * taps + tap]! > 0) sum += bits[c]![tap]!;
  return sum;
}

/** Sum of popcounts over all steps, given the 8 words that a pixel brings to each step. */
function multiply(packed: Uint8Array, outputs: number, steps: number[][]): number[] {
  const words = new Uint32Array(packed.buffer, packed.byteOffset, packed.length / 4);
  const sums = new Array<number>(outputs).fill(0);
  for (let output = 0; output < outputs; output++) {
    const block = Math.floor(output / 64);
    const tile = Math.floor((output % 64) / 16);
    steps.forEach((pixel, step) => {
      const from = ((block * steps.length + step) * 4 + tile) * 128;
      const row = operandA(words.subarray(from, from + 128))[output % 16]!;
      row.forEach((word, i) => {
        sums[output]! += popcount((word & pixel[i]!) >>> 0);
      });
    });
  }
  return sums;
}

describe('layouts for matrix instructions', () => {
  it('puts every channel of a quad into one place', () => {
    const channels = Array.from({ length: 128 }, (_, position) => channelAt(position));
    expect(new Set(channels).size).toBe(128);
    expect(channelAt(8 * 3 + 5)).toBe(8 * 5 + 3);
  });

  it.each([
    { channels: 128, stageChunks: 1, kernel: 3 },
    { channels: 200, stageChunks: 2, kernel: 3 },
    { channels: 500, stageChunks: 2, kernel: 2 },
    { channels: 300, stageChunks: 1, kernel: 1 },
  ])('packs the weights of convolutions: $channels channels, kernel $kernel', (example) => {
    const { channels, stageChunks, kernel } = example;
    const layer = layerOf(channels, 8, 70, kernel, 0);
    const chunks = quads(channels);
    const bits = randomBits(layer);
    const plane = planeOf(bits, chunks);
    const stageQuads = kernel * kernel * stageChunks;
    const steps: number[][] = [];
    for (let stage = 0; stage < chunks / stageChunks; stage++)
      for (let q = 0; q < stageQuads; q += 2) {
        const quadAt = (i: number) => {
          const tap = Math.floor(Math.min(i, stageQuads - 1) / stageChunks);
          return plane[tap * chunks + stage * stageChunks + (Math.min(i, stageQuads - 1) % stageChunks)]!;
        };
        steps.push([...quadAt(q), ...quadAt(q + 1)]);
      }
    const sums = multiply(packConvolution(layer, 128, stageChunks), 128, steps);
    for (let o = 0; o < 128; o++) expect(sums[o]).toBe(o < 70 ? positives(layer, bits, o) : 0);
  });

  it('packs the weights of linear layers', () => {
    const layer = layerOf(140, 3, 64, 3, 0);
    const bits = randomBits(layer);
    // Quads of all pixels for the first 128 channels, then for the others.
    const pixelsFirst = planeOf(bits, 2);
    const plane = [0, 1].flatMap((chunk) => pixelsFirst.filter((_, quad) => quad % 2 === chunk));
    const steps: number[][] = [];
    for (let unit = 0; unit < Math.ceil(plane.length / 4); unit++)
      for (const first of [0, 2]) {
        const word = (w: number) => [0, 1, 2, 3].map((t) => plane[unit * 4 + t]?.[w] ?? 0xffffffff);
        steps.push([...word(first), ...word(first + 1)]);
      }
    const sums = multiply(packLinear(layer, 64), 64, steps);
    for (let o = 0; o < 64; o++) expect(sums[o]).toBe(positives(layer, bits, o));
  });

  it('packs the signs of the first layer in the order of the bytes', () => {
    const layer = layerOf(3, 8, 64, 3, 0);
    const packed = new Int8Array(packBytes(layer, 64, 1).buffer);
    for (let o = 0; o < 64; o++)
      for (let k = 0; k < 32; k++) {
        const lane = (o % 8) * 4 + Math.floor(k / 8);
        const register = (Math.floor(o / 8) % 2) + 2 * (Math.floor(k / 4) % 2);
        const byte = packed[(Math.floor(o / 16) * 32 + lane) * 16 + register * 4 + (k % 4)];
        expect(byte).toBe(k < 27 ? layer.signs[o * 27 + (k % 3) * 9 + Math.floor(k / 3)] : 0);
      }
  });

  it('decodes the planes of a map', () => {
    const placement = { kind: 'map', planes: 3, chunks: 2, rows: 4, columns: 5, margin: 1 } as const;
    const bytes = new Uint8Array(activationBytes(placement, 2));
    expect(bytes.length).toBe(2 * 3 * 2 * 4 * 5 * 16);
    // Image 1, channel 128 + 8 * 5 + 3: bit 5 of byte 3 in planes 0 and 2 of the second quad; pixel (1, 2).
    for (const plane of [0, 2]) bytes[((((1 * 3 + plane) * 2 + 1) * 4 + 2) * 5 + 3) * 16 + 3] = 1 << 5;
    const decoded = decodeActivations(bytes, { channels: 180, height: 2, width: 3 }, placement, 2);
    expect(decoded.reduce((sum, value) => sum + value, 0)).toBe(5);
    expect(decoded[((180 + 128 + 43) * 2 + 1) * 3 + 2]).toBe(5);
  });

  it('decodes the planes of a vector', () => {
    const shape = { channels: 180, height: 1, width: 2 };
    expect(vectorQuads(shape)).toBe(4);
    expect(vectorQuads({ channels: 100, height: 3, width: 1 })).toBe(4);
    const placement = { kind: 'vector', planes: 4, quads: 4 } as const;
    const bytes = new Uint8Array(activationBytes(placement, 70));
    expect(bytes.length).toBe(4 * 4 * 128 * 16);
    // Image 69, channel 128 + 43 of pixel 1: quad 3, planes 1 and 3.
    for (const plane of [1, 3]) bytes[((plane * 4 + 3) * 128 + 69) * 16 + 3] = 1 << 5;
    const decoded = decodeActivations(bytes, shape, placement, 70);
    expect(decoded.reduce((sum, value) => sum + value, 0)).toBe(10);
    expect(decoded[(69 * 180 + 128 + 43) * 2 + 1]).toBe(10);
  });
});
