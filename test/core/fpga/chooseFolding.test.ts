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

it('streams weights of the CIFAR-10 network where the part has no room for them, the last layers first', {
  timeout: 60_000,
}, () => {
  const { folding, timing, share, boundBy, imagesPerSecond } = chosen(cifar, 'a4', 'de10');
  const streamed = folding.layers.filter(({ weights }) => weights === 'streamed').map(({ name }) => name);
  expect(streamed).toEqual(['conv5', 'fc6', 'fc7', 'fc8']);
  // conv5: 512 x 4,608 weights for each of 64 pixels; fc6 and fc7 once; fc8 ten rows of 32-bit weights.
  const bytes = (64 * 512 * 4608 + 8192 * 1024 + 1024 * 1024) / 8 + 4 * 10 * 1024;
  expect(timing.streamCycles).toBeGreaterThanOrEqual(bytes / 32);
  expect(share.memory).toBeLessThanOrEqual(board('de10').usable.memory);
  expect(boundBy).toBe('layer');
  expect(imagesPerSecond).toBeLessThan(3.2e9 / bytes);
});

it('an image takes at least what the memory needs for all streamed weights', () => {
  const streamed = chooseFolding({ topology: cifar, precision: 'a4', board: board('de10') });
  const slow = { ...board('de10'), memoryBytesPerSecond: 1e8 };
  const { boundBy, imagesPerSecond, timing } = estimate({
    ...{ topology: cifar, precision: 'a4', board: slow, folding: streamed },
  });
  expect(boundBy).toBe('memory');
  expect(timing.interval).toBe(timing.streamCycles);
  expect(imagesPerSecond).toBeCloseTo(1e8 / timing.streamCycles, 6);
});

it.each([0, 1e300, Number.NaN])('refuses a clock of %d MHz', (clockMHz) => {
  const request = { topology: mnist, precision: 'a4' as const, board: board('u250') };
  expect(() => estimate({ ...request, folding: chooseFolding(request), clockMHz })).toThrow(
    /none that kernels/,
  );
});

it.each(['pynq-z1', 'ultra96'])('says what the CIFAR-10 network misses on %s', (id) => {
  expect(() => chosen(cifar, 'a4', id)).toThrow(
    /does not fit: [\d,]+ (M10K|RAMB36) blocks where \d+ of \d+ can be used/,
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
