import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testRandom } from '../../random';
import { DESCRIPTION, tinyFile, tinyTensors } from '../models/tinyNetwork';
import { fakeHost } from './fakeHost';
import { fakeModelInfo } from './fakeNetwork';
import { bundle, temporaryFolder } from './programs';

const random = testRandom('modelLibrary');
const { folder, remove } = temporaryFolder();
vi.setConfig({ testTimeout: 60_000 });

let host: ReturnType<typeof fakeHost>['host'];
let path: string;
const topologyPath = join(folder, 'tiny.json');
beforeAll(() => {
  host = fakeHost(bundle(join(__dirname, 'fakeDeviceProcess.ts'), folder), join(folder, 'sessions')).host;
  path = join(folder, 'tiny.safetensors');
  writeFileSync(path, tinyFile(tinyTensors(random)));
  writeFileSync(topologyPath, JSON.stringify(DESCRIPTION));
});
afterAll(async () => {
  await host.close();
  remove();
});

const names = async () => (await host.listModels()).map(({ id }) => id);

describe('the models of a person', () => {
  it('are imported, each under a free name, and stand behind the bundled ones', async () => {
    const request = { path, topologyPath, mode: 'deterministic' as const };
    expect(await host.models.import(request)).toMatchObject({
      id: 'tiny',
      mode: 'deterministic',
      bundled: false,
      calibration: null,
    });
    expect(await host.models.import(request)).toMatchObject({ id: 'tiny-2' });
    expect(await names()).toEqual([fakeModelInfo.id, 'tiny', 'tiny-2']);
  });

  it('give logits only where the very model of the run is here', async () => {
    const request = { precision: 'fp32' as const, dataset: 'mnist', index: 0 };
    await expect(host.models.logits({ modelSha256: '0'.repeat(64), ...request })).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining('Import'),
    });
  });

  it('are refused in words where the file does not tell how it was trained', async () => {
    await expect(host.models.import({ path, topologyPath, mode: null })).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringContaining('deterministic'),
    });
    expect(await names()).toHaveLength(3);
  });

  it('can be run by their names', async () => {
    const estimate = await host.estimateJob({
      ...{ deviceIds: ['opencl:fake:good'], models: ['tiny'], dataset: null, precisions: ['fp32'] },
      ...{ batchSizes: [1], samples: null, seed: 1, sessionName: null },
    });
    expect(estimate).toEqual({ seconds: null, unknownRuns: 1, scaledRuns: 0 });
  });

  it('are deleted, and come back', async () => {
    await host.models.delete('tiny-2');
    expect(await names()).toEqual([fakeModelInfo.id, 'tiny']);
    await host.models.restore('tiny-2');
    expect(await names()).toEqual([fakeModelInfo.id, 'tiny', 'tiny-2']);
    await expect(host.models.restore('tiny-2')).rejects.toMatchObject({ kind: 'unknown-name' });
    await expect(host.models.delete(fakeModelInfo.id)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('leave the others in the list where one is damaged', async () => {
    const damaged = join(folder, 'sessions-models', 'damaged.safetensors');
    writeFileSync(damaged, readFileSync(path).subarray(0, 40));
    expect(await names()).toEqual([fakeModelInfo.id, 'tiny', 'tiny-2']);
    expect(await host.models.problems()).toMatchObject([{ subject: 'damaged.safetensors' }]);
    expect(existsSync(damaged)).toBe(true);
  });
});
