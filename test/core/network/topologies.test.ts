import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import { networkCost } from '../../../core/network/cost';
import {
  firstDifference,
  PUBLISHED,
  parseTopologyDescription,
  recognizeTopology,
  tensorShapes,
  topologySchema,
} from '../../../core/network/topologies';

/** The example at the head of topologies.ts. */
const EXAMPLE = {
  ...{ id: 'my-net', classes: 10, dataset: 'mnist', mode: 'deterministic' },
  input: { channels: 1, height: 28, width: 28 },
  normalization: { mean: [0.5], deviation: [0.5] },
  layers: [
    {
      ...{ kind: 'convolution', name: 'conv', inputs: 1, outputs: 8, kernelHeight: 3, kernelWidth: 3 },
      ...{ stride: 1, padding: 1, binary: true, bias: false },
    },
    { kind: 'maxPool', size: 2, stride: 2 },
    { kind: 'batchNorm', name: 'bn', channels: 8, epsilon: 1e-5 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: 'out', inputs: 1568, outputs: 10, binary: false },
  ],
};

describe('the published networks', () => {
  it('have the parameters that the paper counts', () => {
    expect(PUBLISHED.map(({ topology }) => networkCost(topology).parameters)).toEqual([
      1_293_510, 14_033_546,
    ]);
    for (const { topology } of PUBLISHED) expect(topologySchema.parse(topology)).toEqual(topology);
  });

  it('are recognized by the names and shapes of their tensors', () => {
    for (const published of PUBLISHED) {
      const shapes = tensorShapes(published.topology).set('bn0.num_batches_tracked', []);
      expect(recognizeTopology(shapes)).toBe(published);
      expect(recognizeTopology(new Map(shapes).set('fc99.weight', [1]))).toBeNull();
      expect(recognizeTopology(new Map(shapes).set('bn0.bias', [1]))).toBeNull();
      shapes.delete('bn0.bias');
      expect(recognizeTopology(shapes)).toBeNull();
      expect(firstDifference(published.topology, shapes)).toBe('bn0.bias is missing');
    }
  });
});

describe('a description', () => {
  it('names layers, mode and data set, and the tensors that are not in the file', () => {
    const { topology, mode, dataset, constants } = parseTopologyDescription(EXAMPLE, 'net.json');
    expect([mode, dataset]).toEqual(['deterministic', 'mnist']);
    expect(constants).toEqual(new Map([['conv.bias', 0]]));
    expect(topologySchema.parse(topology)).toEqual(topology);
    expect(tensorShapes(topology).get('conv.weight')).toEqual([8, 1, 3, 3]);
  });

  it('may leave out what the weights tell, and batch norm without weight and bias', () => {
    const layers = EXAMPLE.layers.map((layer) =>
      layer.kind === 'batchNorm' ? { ...layer, affine: false } : layer,
    );
    const { mode, dataset, constants } = parseTopologyDescription(
      { ...EXAMPLE, layers, mode: undefined, dataset: undefined },
      'net.json',
    );
    expect([mode, dataset]).toEqual([null, null]);
    expect(constants).toEqual(
      new Map([
        ['conv.bias', 0],
        ['bn.weight', 1],
        ['bn.bias', 0],
      ]),
    );
  });

  const withLayer = (index: number, change: object) => ({
    ...EXAMPLE,
    layers: EXAMPLE.layers.map((layer, i) => (i === index ? { ...layer, ...change } : layer)),
  });

  it.each([
    ['no object', null, 'the whole'],
    ['an unknown field', { ...EXAMPLE, speed: 3 }, 'the whole'],
    ['an unknown mode', { ...EXAMPLE, mode: 'ternary' }, 'mode'],
    ['capitals in the id', { ...EXAMPLE, id: 'My Net' }, 'id'],
    ['no layers', { ...EXAMPLE, layers: [] }, 'layers'],
    ['1,001 layers', { ...EXAMPLE, layers: Array(1001).fill({ kind: 'relu' }) }, 'layers'],
    ['an unknown layer', withLayer(3, { kind: 'softmax' }), 'layers.3.kind'],
    ['a path as name', withLayer(0, { name: '../conv' }), 'layers.0.name'],
    ['a name twice', withLayer(5, { name: 'conv' }), 'layers.5'],
    ['no outputs', withLayer(0, { outputs: 0 }), 'layers.0.outputs'],
    ['a stride of 0', withLayer(1, { stride: 0 }), 'layers.1.stride'],
    ['a size beyond every machine', withLayer(0, { outputs: 2 ** 40 }), 'layers.0.outputs'],
    ['a layer that does not fit', withLayer(5, { inputs: 1567 }), 'layers'],
    ['no flatten', withLayer(4, { kind: 'relu' }), 'layers'],
    ['other classes', { ...EXAMPLE, classes: 9 }, 'layers'],
    ['a pool larger than its image', withLayer(1, { size: 29 }), 'layers'],
    ['a mean too many', { ...EXAMPLE, normalization: { mean: [0, 0], deviation: [1] } }, 'normalization'],
    [
      'a deviation of 0',
      { ...EXAMPLE, normalization: { mean: [0], deviation: [0] } },
      'normalization.deviation.0',
    ],
  ])('is refused with %s', (_, json, field) => {
    const refusal = (() => {
      try {
        return parseTopologyDescription(json, 'net.json');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(WorkbenchError);
    expect(refusal).toMatchObject({ kind: 'refused-file', where: `net.json: ${field}` });
  });
});
