import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realValues } from '../../../core/network/binaryWeights';
import type { Model } from '../../../core/network/model';
import { tensorShapes } from '../../../core/network/topologies';
import { applicationRoot } from '../../../main/applicationRoot';
import { BUNDLED_IDS, importModel, listBundledModels, loadModel, saveModel } from '../../../main/models';
import { testRandom } from '../../random';
import { refusalOf, testFolder, useTestFolder, written } from './files';
import { DESCRIPTION, type TinyTensors, tinyFile, tinyTensors } from './tinyNetwork';

useTestFolder();
const random = testRandom('models');

async function tinyModel(
  name: string,
  tensors: TinyTensors,
  more: object = {},
): Promise<[string, { topologyFile: string }]> {
  const file = await written(name, tinyFile(tensors));
  const topologyFile = await written('tiny.json', JSON.stringify({ ...DESCRIPTION, ...more }));
  return [file, { topologyFile }];
}

/** Every number of a model, to compare with. */
function values(model: Model): Record<string, number[]> {
  return Object.fromEntries([...model.tensors].map(([name, tensor]) => [name, [...realValues(tensor)]]));
}

describe('the bundled models', () => {
  it('are six, with the parameters of the paper', async () => {
    const models = await listBundledModels();
    expect(models.map(({ id }) => id)).toEqual([...BUNDLED_IDS]);
    for (const { id, mode, dataset, parameters, binaryParameters, topology } of models) {
      expect(id).toBe(`${dataset}-${mode}`);
      const mnist = dataset === 'mnist';
      expect(topology).toBe(mnist ? 'mnist-784-1000-500-10' : 'cifar10-vgg');
      expect(parameters).toBe(mnist ? 1_293_510 : 14_033_546);
      const weights = mnist ? 784 * 1000 + 1000 * 500 : 14_011_776;
      expect(binaryParameters).toBe(mode === 'none' ? 0 : weights);
    }
  });

  it.each(BUNDLED_IDS)('%s loads whole, all but its last layer binary', async (id) => {
    const model = await loadModel(id);
    expect(new Set(model.tensors.keys())).toEqual(new Set(tensorShapes(model.topology).keys()));
    const weights = model.topology.layers.flatMap((layer) => ('binary' in layer ? [layer] : []));
    for (const [index, { name, binary }] of weights.entries()) {
      const expected = model.mode !== 'none' && index < weights.length - 1;
      expect(binary, name).toBe(expected);
      expect(model.tensors.get(`${name}.weight`)!.kind, name).toBe(expected ? 'binary' : 'real');
    }
  });

  it('are those of the card', async () => {
    const folder = join(applicationRoot(), 'assets', 'models');
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    for (const { path, sha256, id } of await listBundledModels()) {
      const bytes = await readFile(path);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(card, id).toContain(sha256);
      expect(card, id).toContain(/"source_sha256":"(\w{64})"/.exec(bytes.toString('latin1', 0, 20_000))![1]);
    }
  });

  it('that do not exist are answered with the nearest name', async () => {
    await expect(loadModel('mnist-stochastik')).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining('mnist-stochastic'),
    });
    await expect(loadModel('no-such.pt')).rejects.toMatchObject({ kind: 'unknown-name' });
  });
});

describe('importing a described network', () => {
  it('packs +1 and -1 into bits, and gives back every number', async () => {
    const tensors = tinyTensors(random);
    const [file, options] = await tinyModel('tiny-deterministic.safetensors', tensors);
    const target = join(testFolder(), 'imported.safetensors');
    const imported = await importModel(file, target, options);
    const loaded = await loadModel(target);
    expect(loaded).toEqual(imported);
    expect(loaded).toMatchObject({
      id: 'imported',
      mode: 'deterministic',
      dataset: 'mnist',
      calibration: null,
    });
    expect(loaded.tensors.get('conv.weight')!.kind).toBe('binary');
    expect(loaded.tensors.get('out.weight')!.kind).toBe('real');
    for (const [name, { values }] of Object.entries(tensors)) {
      expect(realValues(loaded.tensors.get(name)!), name).toEqual(values);
    }
    expect(realValues(loaded.tensors.get('conv.bias')!)).toEqual(new Float32Array(3));
    expect(realValues(loaded.tensors.get('bn.weight')!)).toEqual(new Float32Array(3).fill(1));
    expect(await readdir(testFolder())).not.toContainEqual(expect.stringContaining('.part'));
  });

  it('keeps a zero: the tensor stays real', async () => {
    const tensors = tinyTensors(random);
    tensors['hidden.weight']!.values[7] = 0;
    const model = await loadModel(...(await tinyModel('stochastic.safetensors', tensors)));
    expect(model.mode).toBe('stochastic');
    expect(model.tensors.get('hidden.weight')!.kind).toBe('real');
    expect(realValues(model.tensors.get('hidden.weight')!)[7]).toBe(0);
    expect(model.topology.layers.find((layer) => 'name' in layer && layer.name === 'hidden')).toMatchObject({
      binary: false,
    });
  });

  it('refuses tensors that do not fit the description', async () => {
    const { 'hidden.bias': _, ...missing } = tinyTensors(random);
    const [file, options] = await tinyModel('none.safetensors', missing);
    expect((await refusalOf(loadModel(file, options), file)).message).toContain('hidden.bias is missing');
    const extra = { ...tinyTensors(random), 'conv.bias': { shape: [3], values: new Float32Array(3) } };
    const [other, otherOptions] = await tinyModel('extra.safetensors', extra);
    expect((await refusalOf(loadModel(other, otherOptions), other)).message).toContain('conv.bias is there');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', async (value) => {
    const tensors = tinyTensors(random);
    tensors['out.bias']!.values[1] = value;
    const [file, options] = await tinyModel('none.safetensors', tensors);
    const refusal = await refusalOf(loadModel(file, options), file);
    expect(refusal.where).toContain('tensor out.bias');
    expect(refusal.message).toContain('element 1');
  });

  it('asks for a description of an unknown network', async () => {
    const [file] = await tinyModel('tiny.safetensors', tinyTensors(random));
    await expect(loadModel(file)).rejects.toMatchObject({
      kind: 'unsupported',
      remedy: expect.stringContaining('--topology'),
      details: expect.stringContaining('mnist-784-1000-500-10: fc0.weight is missing'),
    });
  });

  it('refuses a description that is wrong', async () => {
    const file = await written('none.safetensors', tinyFile(tinyTensors(random)));
    const broken = await written('broken.json', '{"id":');
    expect((await refusalOf(loadModel(file, { topologyFile: broken }), broken)).message).toContain('no JSON');
    const wrong = await written('wrong.json', JSON.stringify({ ...DESCRIPTION, classes: 3 }));
    expect((await refusalOf(loadModel(file, { topologyFile: wrong }), wrong)).message).toContain('3 classes');
  });
});

describe('the mode', () => {
  const real = (tensors: TinyTensors, ...names: string[]): TinyTensors => {
    for (const name of names) tensors[name]!.values[0] = 0.25;
    return tensors;
  };
  const load = async (file: string, tensors: TinyTensors, mode?: 'none' | 'deterministic' | 'stochastic') => {
    const [path, options] = await tinyModel(file, tensors);
    return loadModel(path, { ...options, ...(mode ? { mode } : {}) });
  };

  it('is none for real weights', async () => {
    const model = await load('net.safetensors', real(tinyTensors(random), 'conv.weight', 'hidden.weight'));
    expect(model.mode).toBe('none');
    expect([...model.tensors.values()].every(({ kind }) => kind === 'real')).toBe(true);
  });

  it('comes from the name of the file for weights of +1 and -1', async () => {
    expect((await load('my_deterministic.safetensors', tinyTensors(random))).mode).toBe('deterministic');
    expect((await load('Stochastic-3.safetensors', tinyTensors(random))).mode).toBe('stochastic');
  });

  it('is asked for where neither tells', async () => {
    const asked = { kind: 'usage', remedy: expect.stringContaining('Say how it was trained') };
    await expect(load('net.safetensors', tinyTensors(random))).rejects.toMatchObject(asked);
    const mixed = real(tinyTensors(random), 'hidden.weight');
    await expect(load('deterministic.safetensors', mixed)).rejects.toMatchObject(asked);
    const latent = real(tinyTensors(random), 'conv.weight', 'hidden.weight');
    await expect(load('deterministic.safetensors', latent)).rejects.toMatchObject(asked);
    await expect(load('net.safetensors', tinyTensors(random), 'none')).rejects.toMatchObject(asked);
  });

  it('that is said signs real weights, and leaves a zero', async () => {
    const tensors = real(tinyTensors(random), 'conv.weight', 'hidden.weight');
    tensors['hidden.weight']!.values[1] = 0;
    const model = await load('net.safetensors', tensors, 'stochastic');
    expect(model.mode).toBe('stochastic');
    expect(model.tensors.get('conv.weight')!.kind).toBe('binary');
    expect(realValues(model.tensors.get('hidden.weight')!)).toEqual(
      tensors['hidden.weight']!.values.map(Math.sign),
    );
  });
});

describe('saving', () => {
  it('gives back a model and its calibration, the same bytes each time', async () => {
    const model: Model = {
      ...(await loadModel(...(await tinyModel('deterministic.safetensors', tinyTensors(random))))),
      calibration: { dataset: 'mnist', images: 100, seed: 7, steps: { a4: [0.125, 0.3] } },
    };
    const file = join(testFolder(), 'saved.safetensors');
    const saved = await saveModel(model, file);
    const first = await readFile(file);
    expect(await loadModel(file)).toEqual(saved);
    expect(values(saved)).toEqual(values(model));
    await saveModel(await loadModel(file), file);
    expect(await readFile(file)).toEqual(first);
  });

  it('stores halves where that changes nothing, signs of zero included', async () => {
    const model = await loadModel(...(await tinyModel('deterministic.safetensors', tinyTensors(random))));
    const exact = Float32Array.of(
      -0,
      0,
      1,
      -65504,
      2 ** -24,
      2 ** -14,
      0.333251953125,
      -1.5,
      5 * 2 ** -24,
      1024,
    );
    const inexact = Float32Array.from(exact, (value, i) => (i === 9 ? 1 / 3 : value));
    for (const [data, dtype] of [
      [exact, 'F16'],
      [inexact, 'F32'],
    ] as const) {
      const tensors = new Map(model.tensors).set('out.weight', { kind: 'real', shape: [2, 5], data });
      const file = join(testFolder(), 'halves.safetensors');
      await saveModel({ ...model, tensors }, file);
      expect((await readFile(file, 'latin1')).includes(`"out.weight":{"dtype":"${dtype}"`)).toBe(true);
      expect(realValues((await loadModel(file)).tensors.get('out.weight')!)).toEqual(data);
    }
  });

  it('leaves nothing behind where it cannot write', async () => {
    const model = await loadModel('mnist-deterministic');
    const missing = join(testFolder(), 'no-folder', 'm.safetensors');
    await expect(saveModel(model, missing)).rejects.toMatchObject({ kind: 'storage', where: missing });
    await expect(saveModel(model, testFolder())).rejects.toMatchObject({ kind: 'storage' });
    expect(await readdir(testFolder())).toEqual([]);
    await expect(importModel('x.pt', 'y.pt')).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe("the workbench's own file, changed", () => {
  async function changed(change: (text: string) => string): Promise<string> {
    const model = await loadModel(...(await tinyModel('deterministic.safetensors', tinyTensors(random))));
    const file = join(testFolder(), 'changed.safetensors');
    await saveModel(model, file);
    const text = await readFile(file, 'latin1');
    const after = change(text);
    expect(after).toHaveLength(text.length);
    expect(after).not.toBe(text);
    await writeFile(file, after, 'latin1');
    return file;
  }

  it.each([
    ['a number', (text: string) => `${text.slice(0, -1)}${text.endsWith('\0') ? '\x01' : '\0'}`, 'hash'],
    [
      'a newer version',
      (text: string) => text.replace('"format_version":"1"', '"format_version":"2"'),
      'version 2',
    ],
    [
      'the mode',
      (text: string) => text.replace('"mode":"deterministic"', '"mode":"deterministik"'),
      'deterministic',
    ],
    [
      'the topology',
      (text: string) => text.replace('\\"inputs\\":12', '\\"inputs\\":13'),
      'hidden expects 13',
    ],
    ['the topology, no JSON', (text: string) => text.replace('"topology":"{', '"topology":"['), 'no JSON'],
    ['a name', (text: string) => text.replace('"hidden.bias":', '"hidden.bios":'), 'hidden.bios'],
    ['what is packed', (text: string) => text.replace('[5,12]', '[6,10]'), 'instead of [5, 12]'],
    [
      'a layer to real',
      (text: string) =>
        text.replace('\\"outputs\\":5,\\"binary\\":true', '\\"outputs\\":5,\\"binary\\":null'),
      'boolean',
    ],
    ['a hash', (text: string) => text.replace(/"source_sha256":"./, '"source_sha256":"x'), 'no SHA-256'],
  ])('%s', async (_, change, reason) => {
    const file = await changed(change);
    expect((await refusalOf(loadModel(file), file)).message).toContain(reason);
  });
});
