import { describe, expect, it } from 'vitest';
import { checkAnswer } from '../../../main/host/selfTest';

const reference = Float32Array.of(1, -2, 10);
const check =
  (precision: 'fp32' | 'fp16' | 'a8', ...logits: number[]) =>
  () =>
    checkAnswer(Float32Array.from(logits), reference, precision, 'Device');

describe('the self-test', () => {
  it('allows what a precision promises', () => {
    expect(check('fp32', 1.0009, -2, 10)).not.toThrow();
    expect(check('fp16', 1.1, -2, 10)).not.toThrow();
    expect(check('a8', 1.00005, -2, 10)).not.toThrow();
  });

  it.each([
    check('fp32', 1.002, -2, 10),
    check('fp16', 1.3, -2, 10),
    check('a8', 1.0005, -2, 10),
    check('fp32', Number.NaN, -2, 10),
    check('fp32', 1, -2),
  ])('refuses more (%#)', (checking) => {
    expect(checking).toThrow(expect.objectContaining({ kind: 'wrong-answer', where: 'Device' }));
  });
});
