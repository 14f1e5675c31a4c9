import { describe, expect, it } from 'vitest';
import { realValues } from '../../../core/network/binaryWeights';
import type { LatentWeights } from '../../../core/network/model';
import { drawWeights, probabilityOfOne } from '../../../core/network/sampling';
import { testRandom } from '../../random';
import { randomModel } from './randomModel';

const random = testRandom('sampling');
const input = { channels: 1, height: 10, width: 10 };
const model = randomModel(random, input, [
  { kind: 'flatten' },
  { kind: 'linear', outputs: 50, binary: true },
  { kind: 'relu' },
  { kind: 'linear', outputs: 3 },
]);
const [binaryName] = [...model.tensors].find(([, tensor]) => tensor.kind === 'binary')!;
const shape = model.tensors.get(binaryName)!.shape;

function latentOf(value: number): LatentWeights {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value);
  return {
    tensors: new Map([[binaryName, { kind: 'real', shape, data }]]),
    file: 'x',
    sha256: 'a'.repeat(64),
  };
}

describe('the probability of +1', () => {
  it('is the hard sigmoid, steeper at a lower temperature', () => {
    expect([-1, -0.5, 0, 0.5, 1].map((w) => probabilityOfOne(w, 1))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect([-0.2, -0.05, 0, 0.05, 0.2].map((w) => probabilityOfOne(w, 0.1))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
});

describe('drawn weights', () => {
  it('are +1 as often as they should be', () => {
    const drawn = realValues(drawWeights(model, latentOf(0.5), 1, random).tensors.get(binaryName)!);
    const ones = drawn.filter((weight) => weight === 1).length;
    // 5,000 draws at 0.75: six standard deviations are 184.
    expect(Math.abs(ones - 3750)).toBeLessThan(184);
    expect(drawn.every((weight) => weight === 1 || weight === -1)).toBe(true);
  });

  it('are the signs where the temperature leaves nothing to chance, and the rest of the model stays', () => {
    const drawn = drawWeights(model, null, 1, random);
    expect(drawn.tensors.get(binaryName)).toEqual(model.tensors.get(binaryName));
    for (const [name, tensor] of model.tensors) {
      if (name !== binaryName) expect(drawn.tensors.get(name)).toBe(tensor);
    }
  });

  it('are refused where the real weights are those of another model', () => {
    const { tensors, ...rest } = latentOf(0.5);
    expect(() => drawWeights(model, { ...rest, tensors: new Map() }, 1, random)).toThrow(
      /do not fit the model/,
    );
    const turned = { ...tensors.get(binaryName)!, shape: [...shape].reverse() };
    const other = new Map([[binaryName, turned]]);
    expect(() => drawWeights(model, { ...rest, tensors: other }, 1, random)).toThrow(/do not fit the model/);
  });
});
