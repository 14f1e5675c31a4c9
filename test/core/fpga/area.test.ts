import { describe, expect, it } from 'vitest';
import { accumulatorBits, adderTreeBits, fewestBlocks, layerArea } from '../../../core/fpga/area';
import { layerGeometries } from '../../../core/fpga/folding';
import { FPGA_BOARDS } from '../../../core/fpga/parts';
import { PUBLISHED } from '../../../core/network/topologies';

const board = (id: string) => FPGA_BOARDS.find((each) => each.id === id)!;
const [mnist, cifar] = PUBLISHED.map(({ topology }) => layerGeometries(topology));

describe('adder trees', () => {
  it.each([
    [1, 4, 0],
    [2, 4, 5],
    [4, 4, 2 * 5 + 6],
    // Seven inputs: 3 adders of 5 bits and one input left, 2 of 6, 1 of 7.
    [7, 4, 15 + 12 + 7],
    [64, 1, 32 * 2 + 16 * 3 + 8 * 4 + 4 * 5 + 2 * 6 + 7],
  ])('over %i inputs of %i bits have %i adder bits', (inputs, bits, expected) => {
    expect(adderTreeBits(inputs, bits)).toBe(expected);
  });
});

it('a sum is as wide as its largest value, with a sign', () => {
  // 1152 inputs of at most 15: 17,280 needs 15 bits.
  expect(accumulatorBits(cifar![1]!, { bits: 4, largest: 15 })).toBe(16);
  // 27 bytes of at most 128: 3,456 needs 12 bits.
  expect(accumulatorBits(cifar![0]!, { bits: 8, largest: 128 })).toBe(13);
});

it('a memory takes the fewest blocks of one shape', () => {
  const { shapes } = board('arria10').memories[0]!;
  expect(fewestBlocks(40, 512, shapes)).toBe(1);
  expect(fewestBlocks(41, 512, shapes)).toBe(2);
  expect(fewestBlocks(8, 2048, shapes)).toBe(1);
  expect(fewestBlocks(1, 16385, shapes)).toBe(2);
});

it('counts one layer of the MNIST network by hand', () => {
  // layer 1: 1000 inputs, 500 outputs; 10 outputs x 100 inputs a cycle, 500 cycles.
  const folding = { name: mnist![1]!.name, pe: 10, simd: 100, channelDepth: 64 };
  const area = layerArea(mnist![1]!, folding, { bits: 4, largest: 15 }, board('u250'));
  // Sums of 15,000 need 14 bits and a sign; rescaling 64 adder bits and a product of four DSP blocks.
  const adders = 1000 + 11 * adderTreeBits(100, 4) + 10 * (15 + 64);
  // Weights: 500 words of 1,000 bits, 14 blocks of 512 x 72. The rest is shallow: 50 words of 640 bits of scales,
  // 64 of 80 in the channel, the input twice in 20 of 400: each bit of width takes 64 / 48 of a LUT.
  const shallow = Math.ceil((640 * 64) / 48) + Math.ceil((80 * 64) / 48) + Math.ceil((400 * 64) / 48);
  expect(area).toEqual({
    adderBits: adders + shallow,
    memoryBlocks: { RAMB36: 14 },
    dspBlocks: 4 * 10,
    memoryBits: 500 * 1000 + 50 * 640 + 64 * 80 + 20 * 400,
  });
});
