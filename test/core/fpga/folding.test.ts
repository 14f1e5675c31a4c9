import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import {
  foldedLayers,
  layerCycles,
  layerGeometries,
  possiblePe,
  possibleSimd,
  windowSize,
} from '../../../core/fpga/folding';
import { PUBLISHED } from '../../../core/network/topologies';
import { CNV, CNV_W1A1 } from './publishedDesigns';

const cifar = PUBLISHED.map(({ topology }) => topology).find(({ id }) => id === 'cifar10-vgg')!;

it('describes the layers of the CIFAR-10 network', () => {
  const layers = layerGeometries(cifar);
  expect(layers.map(({ name }) => name)).toEqual([
    'conv0',
    'conv1',
    'conv2',
    'conv3',
    'conv4',
    'conv5',
    'fc6',
    'fc7',
    'fc8',
  ]);
  expect(layers[1]).toMatchObject({
    channels: 128,
    taps: 9,
    outputs: 128,
    pixels: 1024,
    pool: 2,
    padding: 1,
  });
  expect(layers[6]).toMatchObject({ channels: 8192, taps: 1, outputs: 1024, pixels: 1, pool: null });
  expect(layers.at(-1)).toMatchObject({ binary: false, outputs: 10 });
});

it('folds what a cycle does not compute into time', () => {
  const conv1 = layerGeometries(cifar)[1]!;
  expect(windowSize(conv1)).toBe(1152);
  expect(layerCycles(conv1, { pe: 128, simd: 1152 })).toBe(1024);
  expect(layerCycles(conv1, { pe: 16, simd: 128 })).toBe(1024 * 8 * 9);
});

it('takes parts of a tap or whole taps a cycle', () => {
  const [conv0, conv1] = layerGeometries(cifar);
  expect(possibleSimd(conv0!)).toEqual([1, 3, 9, 27]);
  expect(possibleSimd(conv1!)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 384, 1152]);
  expect(possiblePe(conv0!)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
});

describe('a folding of another network is refused', () => {
  const layers = layerGeometries(CNV);
  const changed = (index: number, change: object) => ({
    layers: CNV_W1A1.layers.map((entry, i) => (i === index ? { ...entry, ...change } : entry)),
  });
  it.each([
    ['too few layers', { layers: CNV_W1A1.layers.slice(1) }, /8 layers, the network 9/],
    ['another name', changed(1, { name: 'fc1' }), /Layer 2 is conv1, not fc1/],
    ['outputs that do not divide', changed(1, { pe: 30 }), /conv1 cannot compute 30 outputs a cycle/],
    ['inputs across taps', changed(1, { simd: 96 }), /conv1 cannot take 96 inputs a cycle/],
    ['a channel without end', changed(3, { channelDepth: 1e9 }), /conv3 has the depth 1000000000/],
    ['no channel', changed(3, { channelDepth: 0 }), /conv3 has the depth 0/],
  ])('%s', (_what, folding, message) => {
    expect(() => foldedLayers(layers, folding)).toThrow(WorkbenchError);
    expect(() => foldedLayers(layers, folding)).toThrow(message);
  });
});
