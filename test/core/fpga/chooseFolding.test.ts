import { describe, expect, it } from 'vitest';
import { chooseFolding } from '../../../core/fpga/chooseFolding';
import { estimate } from '../../../core/fpga/estimate';
import { FPGA_BOARDS } from '../../../core/fpga/parts';
import { PRECISIONS } from '../../../core/network/precision';
import { PUBLISHED } from '../../../core/network/topologies';
import type { Topology } from '../../../core/network/topology';

const board = (id: string) => FPGA_BOARDS.find((each) => each.id === id)!;
const [mnist, cifar] = PUBLISHED.map(({ topology }) => topology) as [Topology, Topology];
const integers = PRECISIONS.filter((precision) => /^a\d$/.test(precision));

function chosen(topology: Topology, precision: (typeof integers)[number], boardId: string) {
  const request = { topology, precision, board: board(boardId) };
  return estimate({ ...request, folding: chooseFolding(request) });
}

describe.each(FPGA_BOARDS.map(({ id }) => id))('on %s', (id) => {
  it.each(integers)('the MNIST network at %s fits and is balanced', (precision) => {
    const { shortOf, timing, share } = chosen(mnist, precision, id);
    expect(shortOf).toEqual([]);
    const { usable } = board(id);
    expect(share.logic).toBeLessThanOrEqual(usable.logic);
    expect(share.memory).toBeLessThanOrEqual(usable.memory);
    expect(share.dsp).toBeLessThanOrEqual(usable.dsp);
    // None is four times as fast as the slowest and wastes the board.
    for (const { cycles } of timing.layers) expect(cycles * 4).toBeGreaterThan(timing.interval);
  });
});

it('more bits never run faster on the same board', () => {
  const rates = integers.map((precision) => chosen(cifar, precision, 'u250').imagesPerSecond);
  expect(rates).toEqual([...rates].sort((a, b) => a - b));
});

it('is content with a rate that was asked for', () => {
  const request = { topology: cifar, precision: 'a4' as const, board: board('u250') };
  const fastest = estimate({ ...request, folding: chooseFolding(request) });
  const asked = estimate({ ...request, folding: chooseFolding({ ...request, cycles: 100_000 }) });
  expect(asked.timing.interval).toBeGreaterThanOrEqual(100_000);
  expect(asked.timing.interval).toBeLessThan(200_000);
  expect(asked.area.adderBits).toBeLessThan(fastest.area.adderBits / 4);
});

it.each(['de10', 'pynq-z1', 'ultra96'])('says what the CIFAR-10 network misses on %s', (id) => {
  expect(() => chosen(cifar, 'a4', id)).toThrow(
    /does not fit: \d+ (M10K|RAMB36) blocks where \d+ can be used/,
  );
});

it('refuses floating point and real weights', () => {
  const request = { topology: mnist, board: board('u250') };
  expect(() => chooseFolding({ ...request, precision: 'fp32' })).toThrow('FPGA kernels have no fp32');
  const real = {
    ...mnist,
    layers: mnist.layers.map((layer) => (layer.kind === 'linear' ? { ...layer, binary: false } : layer)),
  };
  expect(() => chooseFolding({ ...request, topology: real, precision: 'a4' })).toThrow(/has real weights/);
});

it('images can come in more slowly than the layers work', () => {
  const slow = { ...board('u250'), inputBytesPerSecond: 1e6 };
  const request = { topology: mnist, precision: 'a4' as const, board: slow };
  const { imagesPerSecond, boundBy } = estimate({ ...request, folding: chooseFolding(request) });
  expect(boundBy).toBe('input');
  expect(imagesPerSecond).toBeCloseTo(1e6 / 784, 6);
});
