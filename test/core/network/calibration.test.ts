import { describe, expect, it } from 'vitest';
import { bestStep, calibrate, hiddenOutputs } from '../../../core/network/calibration';
import { isOrder } from '../../../core/network/channelOrder';
import { lower } from '../../../core/network/lowering';
import { quantize } from '../../../core/network/quantization';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import { runModel } from '../../../core/network/reference';
import { testRandom } from '../../random';
import { randomImages, randomModel } from './randomModel';

const random = testRandom('calibration');
const norm = [{ kind: 'batchNorm' }, { kind: 'relu' }] as const;

describe('bestStep', () => {
  it('keeps activations that lie on a grid', () => {
    const samples = Float32Array.from({ length: 1000 }, () => 0.25 * random.below(16));
    samples[0] = 0.25 * 15;
    expect(bestStep(samples, 4)).toBeCloseTo(0.25, 12);
  });

  it('clips a lone giant for the sake of all others', () => {
    const samples = Float32Array.from({ length: 100_000 }, () => random.unit());
    samples[0] = 4;
    expect(bestStep(samples, 4) * 15).toBeLessThan(1.6);
  });

  it('takes silence for any step', () => {
    expect(bestStep(new Float32Array(10), 4)).toBe(1);
  });
});

describe('calibrate', () => {
  const model = randomModel(random, { channels: 2, height: 6, width: 6 }, [
    ...[{ kind: 'convolution', outputs: 8, kernel: 3, padding: 1, binary: true } as const, ...norm],
    ...[{ kind: 'maxPool', size: 2 } as const, { kind: 'flatten' } as const],
    ...[{ kind: 'linear', outputs: 20, binary: true } as const, ...norm],
    { kind: 'linear', outputs: 4 },
  ]);
  const reference = async (beginning: typeof model) => ({
    run: async (images: Uint8Array, count: number) => runModel(beginning, images, count),
    dispose: () => {},
  });

  it('looks at the activations behind each ReLU', () => {
    const outputs = hiddenOutputs(model).map(({ network, channels }) => [network.topology.classes, channels]);
    expect(outputs).toEqual([
      [8 * 6 * 6, 8],
      [20, 20],
    ]);
  });

  it('gives steps with which eight bits answer as floats do', async () => {
    const images = randomImages(random, model.topology.input, 37);
    const calibration = await calibrate(model, { dataset: 'drawn', seed: 5, images }, reference);
    expect(calibration).toMatchObject({ dataset: 'drawn', seed: 5, images: 37 });
    expect(Object.keys(calibration.steps)).toEqual(['a8', 'a4', 'a3', 'a2']);
    expect(calibration.order!.map((order) => isOrder(order, order.length) && order.length)).toEqual([8, 20]);
    const plan = quantize(lower(model), 8, calibration.steps.a8!);
    const expected = runModel(model, images, 37);
    const spread = Math.max(...expected) - Math.min(...expected);
    const { logits } = runIntegerPlan(plan, images, 37);
    const squares = logits.reduce((sum, logit, i) => sum + (logit - expected[i]!) ** 2, 0);
    expect(Math.sqrt(squares / logits.length)).toBeLessThan(0.05 * spread);
  });

  it('refuses a device that answers with zeros only', async () => {
    const images = randomImages(random, model.topology.input, 3);
    const silent = async (beginning: typeof model) => ({
      run: async (_: Uint8Array, count: number) => new Float32Array(count * beginning.topology.classes),
      dispose: () => {},
    });
    await expect(calibrate(model, { dataset: 'drawn', seed: 5, images }, silent)).rejects.toMatchObject({
      kind: 'wrong-answer',
      message: expect.stringContaining('ReLU 1'),
    });
  });

  it('disposes of every runner, also where one fails', async () => {
    let open = 0;
    const failing = async () => {
      open++;
      return {
        run: () => Promise.reject(new Error('lost')),
        dispose: () => {
          open--;
        },
      };
    };
    const images = randomImages(random, model.topology.input, 1);
    await expect(calibrate(model, { dataset: 'drawn', seed: 5, images }, failing)).rejects.toThrow('lost');
    expect(open).toBe(0);
  });
});
