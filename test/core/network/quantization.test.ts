import { describe, expect, it } from 'vitest';
import type { BinaryTensor } from '../../../core/network/model';
import type { LinearStep, Plan } from '../../../core/network/plan';
import { element, quantize, quantizeInput, requantize } from '../../../core/network/quantization';
import { runIntegerPlan } from '../../../core/network/quantizationReference';
import type { Random } from '../../../core/statistics/random';
import { testRandom } from '../../random';

const random = testRandom('quantization');

function binary(shape: number[], random: Random): BinaryTensor {
  const rowBytes = Math.ceil(shape.slice(1).reduce((a, b) => a * b, 1) / 8);
  return {
    kind: 'binary',
    shape,
    bits: Uint8Array.from({ length: shape[0]! * rowBytes }, () => random.below(256)),
  };
}

function linear(inputs: number, outputs: number, scale: number[], shift: number[], relu = true): LinearStep {
  return {
    kind: 'linear',
    name: `fc${inputs}`,
    inputs,
    outputs,
    weights: binary([outputs, inputs], random),
    scale: Float32Array.from(scale),
    shift: Float32Array.from(shift),
    relu,
  };
}

function plan(steps: Plan['steps'], channels: number): Plan {
  return {
    input: { channels, height: 1, width: 1 },
    normalization: { mean: Array(channels).fill(0.5), deviation: Array(channels).fill(0.5) },
    classes: 2,
    steps,
  };
}

describe('quantize', () => {
  it('follows the worked example of its head', () => {
    const network = plan([linear(2, 9, Array(9).fill(1), Array(9).fill(0)), linear(9, 1, [0.02], [0.3])], 2);
    network.steps.push(linear(1, 2, [1, 1], [0, 0], false));
    const step = quantize(network, 4, [0.1, 0.2]).steps[1]!;
    if (step.kind !== 'linear') throw new Error('not linear');
    expect(step.requantization).toEqual({
      multiplier: Int32Array.of(10486),
      addend: Int32Array.of(2097152),
      shift: 20,
    });
    expect(requantize(135, step.requantization, 0, 15)).toBe(3);
  });

  it('keeps every partial result within 32 bits, whatever the scales', () => {
    for (let trial = 0; trial < 200; trial++) {
      const inputs = 1 + random.below(5000);
      const real = () => random.normal() * 10 ** (random.below(9) - 5);
      const network = plan(
        [linear(inputs, 4, [real(), real(), real(), 0], [real(), 0, real(), real()])],
        inputs,
      );
      network.steps.push(linear(4, 2, [1, 1], [0, 0], false));
      const bits = 2 + random.below(7);
      const step = quantize(network, bits, [0.01 + random.unit()]).steps[0]!;
      if (step.kind !== 'linear') throw new Error('not linear');
      const { multiplier, addend } = step.requantization;
      for (let c = 0; c < 4; c++) {
        expect(Math.abs(multiplier[c]!)).toBeLessThan(2 ** 14);
        expect(inputs * 128 * Math.abs(multiplier[c]!) + Math.abs(addend[c]!)).toBeLessThan(2 ** 31);
      }
    }
  });

  it('approaches the real network as activations get finer', () => {
    const ones = (n: number) => Array.from({ length: n }, () => 0.02 + 0.02 * random.unit());
    const network = plan([linear(300, 64, ones(64), ones(64)), linear(64, 2, ones(2), ones(2), false)], 300);
    const image = Uint8Array.from({ length: 300 }, () => random.below(256));
    const hidden = network.steps[0] as LinearStep;
    const real = Array.from({ length: 64 }, (_, o) => {
      let sum = 0;
      for (let k = 0; k < 300; k++)
        sum += element(hidden.weights, o, k, 300) * ((image[k]! / 255 - 0.5) / 0.5);
      return Math.max(0, sum * hidden.scale[o]! + hidden.shift[o]!);
    });
    const step = Math.max(...real) / 255;
    const integers = runIntegerPlan(quantize(network, 8, [step]), image, 1).activations[0]!;
    real.forEach((y, o) => {
      // Half a step of rounding, and 300 inputs rounded to 1/127.
      expect(Math.abs(integers[o]! * step - y)).toBeLessThan(step * 0.51 + 300 * 0.5 * 0.04 * (1 / 127));
    });
  });

  it('gives the input a table in which the largest value is 127', () => {
    const { table, step } = quantizeInput({ mean: [0.5, 0.25], deviation: [0.5, 0.5] });
    expect(step).toBeCloseTo(1.5 / 127, 12);
    expect(table[256 + 255]).toBe(127);
    expect(table[256]).toBe(-42);
    expect(table[0]).toBe(-85);
  });

  it('refuses what integers cannot do, by name', () => {
    const end = linear(2, 2, [1, 1], [0, 0], false);
    const first = linear(2, 2, [1, 1], [0, 0]);
    expect(() => quantize(plan([{ ...first, relu: false }, end], 2), 4, [1])).toThrow('fc2 has no ReLU');
    expect(() => quantize(plan([first, end], 2), 4, [])).toThrow('calibration');
    expect(() => quantize(plan([first, end], 2), 4, [1, 1])).toThrow('calibration has 2 steps');
    expect(() => quantize(plan([end], 2), 4, [])).toThrow('hidden layer');
    const huge = { ...first, scale: Float32Array.of(1e9, 1) };
    expect(() => quantize(plan([huge, end], 2), 4, [1e-3])).toThrow('too large for 32-bit');
    const real = { kind: 'real' as const, shape: [2, 2], data: new Float32Array(4) };
    expect(() => quantize(plan([{ ...first, weights: real }, end], 2), 4, [1])).toThrow('not all +1 or -1');
  });
});
