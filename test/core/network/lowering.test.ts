import { describe, expect, it } from 'vitest';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { runModel, runPlan } from '../../../core/network/reference';
import { testRandom } from '../../random';
import { type LayerSketch, randomImages, randomModel, relativeDifference } from './randomModel';

const random = testRandom('lowering');
const image = { channels: 3, height: 9, width: 8 };
const convolution: LayerSketch = { kind: 'convolution', outputs: 5, kernel: 3, padding: 1, binary: true };
const pool: LayerSketch = { kind: 'maxPool', size: 2 };
const batchNorm: LayerSketch = { kind: 'batchNorm' };
const relu: LayerSketch = { kind: 'relu' };
const classify: LayerSketch[] = [{ kind: 'flatten' }, { kind: 'linear', outputs: 4 }];

const networks: [string, LayerSketch[], string[]][] = [
  ['the order of the paper', [convolution, pool, batchNorm, relu, ...classify], ['convolution', 'linear']],
  ['no pool', [convolution, batchNorm, relu, ...classify], ['convolution', 'linear']],
  [
    'a pool behind the ReLU',
    [convolution, batchNorm, relu, pool, ...classify],
    ['convolution', 'pool', 'linear'],
  ],
  [
    'batch norm behind the ReLU',
    [convolution, relu, batchNorm, ...classify],
    ['convolution', 'affine', 'linear'],
  ],
  ['two pools', [convolution, pool, pool, relu, ...classify], ['convolution', 'pool', 'affine', 'linear']],
  [
    'batch norm and pool first',
    [batchNorm, pool, convolution, ...classify],
    ['affine', 'pool', 'convolution', 'linear'],
  ],
  [
    'batch norm behind the flatten',
    [
      convolution,
      { kind: 'flatten' },
      batchNorm,
      relu,
      { kind: 'linear', outputs: 3, binary: true },
      batchNorm,
    ],
    ['convolution', 'affine', 'linear'],
  ],
];

describe('a lowered network', () => {
  it.each(networks)('gives the logits of its layers: %s', (_, sketches, steps) => {
    const model = randomModel(random, image, sketches);
    const plan = lower(model);
    expect(plan.steps.map(({ kind }) => kind)).toEqual(steps);
    const images = randomImages(random, image, 3);
    expect(relativeDifference(runPlan(plan, images, 3), runModel(model, images, 3))).toBeLessThan(1e-6);
  });
});

describe('a network that does not fit together is refused', () => {
  const valid = () => randomModel(random, image, [convolution, pool, batchNorm, ...classify]);
  const refusal = (model: Model) => {
    try {
      lower(model);
    } catch (error) {
      return error;
    }
    throw new Error('it was accepted');
  };
  const withLayers = (
    change: (layers: Model['topology']['layers']) => Model['topology']['layers'],
  ): Model => {
    const model = valid();
    return { ...model, topology: { ...model.topology, layers: change(model.topology.layers) } };
  };

  it('without a flatten', () => {
    const model = withLayers((layers) => layers.filter(({ kind }) => kind !== 'flatten'));
    expect(refusal(model)).toMatchObject({
      kind: 'refused-file',
      message: 'layer4 needs a flat vector but gets 5 x 4 x 4',
      remedy: 'Put a flatten before it.',
    });
  });

  it('with other channels', () => {
    const model = withLayers((layers) =>
      layers.map((layer) => (layer.kind === 'convolution' ? { ...layer, inputs: 4 } : layer)),
    );
    expect(refusal(model)).toMatchObject({ message: 'layer0 expects 4 channels but gets 3 x 9 x 8' });
  });

  it('with a window larger than the image', () => {
    const model = withLayers((layers) =>
      layers.map((layer) => (layer.kind === 'maxPool' ? { ...layer, size: 10 } : layer)),
    );
    expect(refusal(model)).toMatchObject({
      message: 'maxPool (layer 2) has a 10 x 10 window, larger than its input 5 x 9 x 8',
    });
  });

  it('with a stride of 0', () => {
    const model = withLayers((layers) =>
      layers.map((layer) => (layer.kind === 'convolution' ? { ...layer, stride: 0 } : layer)),
    );
    expect(refusal(model)).toMatchObject({ message: 'stride of layer0 is 0' });
  });

  it('that ends in something else than its classes', () => {
    const model = valid();
    expect(refusal({ ...model, topology: { ...model.topology, classes: 10 } })).toMatchObject({
      message: 'the network ends in 4 x 1 x 1, not in 10 classes',
    });
  });

  it('with a tensor that is missing, or of another shape', () => {
    const model = valid();
    const without = new Map(model.tensors);
    without.delete('layer0.bias');
    expect(refusal({ ...model, tensors: without })).toMatchObject({
      message: 'the tensor layer0.bias is missing',
    });
    const other = new Map(model.tensors).set('layer0.bias', {
      kind: 'real',
      shape: [6],
      data: new Float32Array(6),
    });
    expect(refusal({ ...model, tensors: other })).toMatchObject({
      message: 'layer0.bias has the shape [6], where the network needs [5]',
    });
  });

  it('with a negative variance', () => {
    const model = valid();
    const data = Float32Array.of(1, 1, -1, 1, 1);
    const tensors = new Map(model.tensors).set('layer2.running_var', { kind: 'real', shape: [5], data });
    expect(refusal({ ...model, tensors })).toMatchObject({
      message: 'channel 2 of batch norm layer2 is not finite',
    });
  });

  it('with a deviation of 0', () => {
    const model = valid();
    const normalization = { mean: [0, 0, 0], deviation: [1, 0, 1] };
    expect(refusal({ ...model, topology: { ...model.topology, normalization } })).toMatchObject({
      message: expect.stringContaining('a deviation other than 0'),
    });
  });
});
