import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPyTorch } from '../../../main/models/pytorch';
import { readSafetensors } from '../../../main/models/safetensors/reader';
import type { StateDict } from '../../../main/models/stateDict';
import { recorded, refusalOf, useTestFolder, withSource, written } from './files';

useTestFolder();

/** Element i is (i - 5) / 8, as recorded/make.py wrote it. */
function numbers(count: number, first = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (i + first - 5) / 8);
}

const EXPECTED: Record<string, { shape: number[]; values: Float32Array; type?: string }> = {
  float: { shape: [3, 4], values: numbers(12), type: 'float32' },
  half: { shape: [3, 4], values: numbers(12), type: 'float16' },
  double: { shape: [3, 4], values: numbers(12), type: 'float64' },
  bfloat16: { shape: [3, 4], values: numbers(12), type: 'bfloat16' },
  parameter: { shape: [3, 4], values: numbers(12) },
  transposed: { shape: [3, 4], values: numbers(12) },
  sliced: { shape: [3, 4], values: numbers(12) },
  channels_last: { shape: [2, 3, 4, 5], values: numbers(120) },
  scalar: { shape: [], values: numbers(1) },
  empty: { shape: [0, 3], values: numbers(0) },
  first_half: { shape: [3, 4], values: numbers(12) },
  second_half: { shape: [3, 4], values: numbers(12, 12) },
};

async function expectTheRecordedTensors(tensors: StateDict): Promise<void> {
  expect([...tensors.keys()].sort()).toEqual([...Object.keys(EXPECTED), 'num_batches_tracked'].sort());
  for (const [name, { shape, values, type }] of Object.entries(EXPECTED)) {
    const tensor = tensors.get(name)!;
    expect(tensor.shape, name).toEqual(shape);
    if (type) expect(tensor.type, name).toBe(type);
    expect(await tensor.read(), name).toEqual(values);
  }
}

describe('files that PyTorch wrote', () => {
  it.each([
    ['zip.pt', 'zip'],
    ['zip-protocol4.pt', 'zip'],
    ['checkpoint.pt', 'zip'],
    ['legacy.pt', 'legacy'],
  ] as const)('%s', async (name, layout) => {
    await withSource(recorded(name), async (source) => {
      await expectTheRecordedTensors(await readPyTorch(source, layout));
    });
  });

  it.each([
    ['zip.pt', 'zip'],
    ['legacy.pt', 'legacy'],
  ] as const)('%s, gzipped', async (name, layout) => {
    const file = await written(`${name}.gz`, gzipSync(await readFile(recorded(name))));
    await withSource(file, async (source) => {
      await expectTheRecordedTensors(await readPyTorch(source, layout));
    });
  });

  it('reads a state dict that carries _metadata', async () => {
    await withSource(recorded('metadata.pt'), async (source) => {
      const tensors = await readPyTorch(source, 'zip');
      expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
        ['weight', [3, 2]],
        ['bias', [3]],
      ]);
    });
  });

  it('refuses integers as weights', async () => {
    await withSource(recorded('zip.pt'), async (source) => {
      const tensors = await readPyTorch(source, 'zip');
      const refusal = await refusalOf(tensors.get('num_batches_tracked')!.read(), source.file);
      expect(refusal.message).toContain('int64');
    });
  });

  it.each([
    ['whole-module.pt', 'torch.nn.modules.linear.Linear'],
    ['torchscript.pt', 'compressed'],
  ])('refuses %s', async (name, reason) => {
    await withSource(recorded(name), async (source) => {
      const refusal = await refusalOf(readPyTorch(source, 'zip'), source.file);
      expect(refusal.message).toContain(reason);
    });
  });
});

describe('a file that the safetensors library wrote', () => {
  it('plain.safetensors', async () => {
    await withSource(recorded('plain.safetensors'), async (source) => {
      const { tensors, metadata } = await readSafetensors(source);
      await expectTheRecordedTensors(tensors);
      expect(metadata.get('format')).toBe('pt');
    });
  });
});
