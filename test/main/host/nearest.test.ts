import { expect, it } from 'vitest';
import { nearest } from '../../../main/host/nearest';

it('suggests a near name', () => {
  expect(nearest('mnist-non', ['mnist-none', 'cifar10-none'])).toBe('Did you mean mnist-none?');
});

it('names what there is where no name is near', () => {
  expect(nearest('nope', ['pocl', 'onnxruntime'])).toBe('There are: pocl, onnxruntime.');
  expect(nearest('x', [])).toBe('There is none yet.');
});
