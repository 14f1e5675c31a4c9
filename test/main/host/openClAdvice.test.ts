import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../../core/contract/host';
import type { DriverAnswer } from '../../../main/host/deviceListing';
import { openClAdvice } from '../../../main/host/openClAdvice';
import { temporaryFolder } from './programs';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const vendors = join(folder, 'vendors');
mkdirSync(vendors);
writeFileSync(join(vendors, 'gone.icd'), '/nowhere/libgone.so\n');
writeFileSync(join(vendors, 'pocl.icd'), 'libpocl.so.2\n');

function answer(id: string, environment: Record<string, string> = {}): DriverAnswer {
  return { driver: { id, provider: 'opencl', environment }, devices: [], problem: null };
}
const fakeDevice: DeviceInfo = {
  id: 'opencl:fake:good',
  name: 'Fake',
  platform: 'Fake platform',
  type: 'cpu',
  driver: '1.0',
  memoryBytes: 2 ** 30,
  computeUnits: 2,
  precisions: ['fp32'],
  details: {},
};
const subjects = (...given: Parameters<typeof openClAdvice>) =>
  openClAdvice(...given).map(({ subject }) => subject);

describe('advice on OpenCL drivers that show no device', () => {
  it('names a library that is gone, and a driver that shows nothing', () => {
    const advice = openClAdvice([answer('system')], { PATH: process.env.PATH }, vendors);
    expect(advice).toContainEqual(
      expect.objectContaining({
        subject: join(vendors, 'gone.icd'),
        problem: expect.stringContaining('/nowhere/libgone.so'),
      }),
    );
    expect(advice).toContainEqual(expect.objectContaining({ subject: join(vendors, 'pocl.icd') }));
    expect(advice.at(-1)).toMatchObject({
      subject: 'OpenCL',
      remedy: expect.stringContaining('bnnw install pocl'),
    });
  });

  it('tells that PoCL finds no linker, or cannot write its cache', () => {
    writeFileSync(join(folder, 'file'), '');
    const cache = { POCL_CACHE_DIR: join(folder, 'file', 'cache') };
    const problems = openClAdvice([answer('system', cache)], { PATH: folder }, vendors)
      .filter(({ subject }) => subject === 'pocl')
      .map(({ problem }) => problem);
    expect(problems).toContainEqual(expect.stringContaining(cache.POCL_CACHE_DIR));
    if (process.platform === 'linux') expect(problems).toContainEqual(expect.stringContaining('ld'));
  });

  it('has a word for an installed driver without a device', () => {
    expect(subjects([answer('intel-cpu')], {}, join(folder, 'none'))).toEqual(['intel-cpu', 'OpenCL']);
  });

  it('blames no driver that shares a process with a crashed one, or shows its devices alone', () => {
    const problem = { subject: 'system', problem: 'It crashed.', remedy: 'Update it.' };
    const pocl = join(vendors, 'pocl.icd');
    const environment = { PATH: process.env.PATH };
    expect(subjects([{ ...answer('system'), problem }], environment, vendors)).not.toContain(pocl);
    const alone = [answer('system'), { ...answer(pocl), devices: [fakeDevice] }];
    expect(subjects(alone, environment, vendors)).toEqual([join(vendors, 'gone.icd')]);
  });
});
