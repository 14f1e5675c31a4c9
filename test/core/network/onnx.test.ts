import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { exportOnnx, ONNX_INPUT, ONNX_OUTPUT } from '../../../core/network/onnx';
import { runPlan } from '../../../core/network/reference';
import { testRandom } from '../../random';
import { type LayerSketch, randomImages, randomModel } from './randomModel';

const random = testRandom('onnx');
const batchNorm: LayerSketch = { kind: 'batchNorm' };
const relu: LayerSketch = { kind: 'relu' };
const flatten: LayerSketch = { kind: 'flatten' };
const classify: LayerSketch[] = [flatten, { kind: 'linear', outputs: 4 }];
const binaryConvolution: LayerSketch = {
  kind: 'convolution',
  outputs: 5,
  kernel: 3,
  padding: 1,
  binary: true,
};

const networks: [string, LayerSketch[]][] = [
  [
    'linear layers only',
    [flatten, { kind: 'linear', outputs: 7, binary: true }, batchNorm, relu, ...classify],
  ],
  [
    'convolution, pool, batch norm, ReLU',
    [binaryConvolution, { kind: 'maxPool', size: 2 }, batchNorm, relu, ...classify],
  ],
  ['convolution without a pool', [binaryConvolution, batchNorm, relu, ...classify]],
  ['a pool behind the ReLU', [binaryConvolution, relu, { kind: 'maxPool', size: 3, stride: 2 }, ...classify]],
  ['a pool and batch norm first', [{ kind: 'maxPool', size: 2 }, batchNorm, relu, ...classify]],
  [
    'a 5 x 5 kernel with stride 2',
    [{ kind: 'convolution', outputs: 3, kernel: 5, stride: 2, padding: 2 }, relu, ...classify],
  ],
  [
    'batch norm behind the flatten',
    [binaryConvolution, flatten, batchNorm, relu, { kind: 'linear', outputs: 3 }],
  ],
];

describe('an exported network gives the logits of its plan in ONNX Runtime', () => {
  it.each(networks)('%s', async (_, sketches) => {
    const input = { channels: 1 + random.below(3), height: 7 + random.below(5), width: 7 + random.below(5) };
    await expectSameLogits(randomModel(random, input, sketches), 1 + random.below(4));
  });

  it('with the scales of a pooled batch norm all positive, so that they fold into the weights', async () => {
    const input = { channels: 2, height: 8, width: 9 };
    const model = randomModel(random, input, [
      binaryConvolution,
      { kind: 'maxPool', size: 2 },
      batchNorm,
      relu,
      ...classify,
    ]);
    const scales = model.tensors.get('layer2.weight');
    if (scales?.kind !== 'real') throw new Error('layer2 is the batch norm');
    for (const [channel, scale] of scales.data.entries()) scales.data[channel] = Math.abs(scale);
    await expectSameLogits(model, 3);
  });
});

async function expectSameLogits(model: Model, batchSize: number): Promise<void> {
  const { input } = model.topology;
  const plan = lower(model);
  const images = randomImages(random, input, batchSize);
  const session = await InferenceSession.create(exportOnnx(plan, batchSize));
  try {
    const shape = [batchSize, input.height, input.width, input.channels];
    const answer = await session.run({ [ONNX_INPUT]: new Tensor('uint8', images, shape) });
    const output = answer[ONNX_OUTPUT]!;
    expect(output.dims).toEqual([batchSize, plan.classes]);
    const logits = Array.from(output.data as Float32Array);
    const expected = Array.from(runPlan(plan, images, batchSize));
    const size = Math.max(1, ...expected.map(Math.abs));
    const differences = logits.map((logit, i) => Math.abs(logit - expected[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-5 * size);
  } finally {
    await session.release();
  }
}
