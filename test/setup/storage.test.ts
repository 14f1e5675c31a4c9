import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applicationRoot } from '../../main/applicationRoot';
import { usesDevice } from '../../setup/prepare.mjs';
import { storageError } from '../../setup/steps.mjs';
import { requireWritable } from '../../setup/storage.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bnnw-storage-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the folder of the program', () => {
  it('is made where it can be written, and nothing is left in it', () => {
    requireWritable(join(folder, 'new/cache'));
    expect(readdirSync(join(folder, 'new/cache'))).toEqual([]);
  });

  it('is named with the reason where it cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => requireWritable(join(file, 'cache'))).toThrow(`${join(file, 'cache')} cannot be used`);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(storageError(full, folder)).toMatchObject({
      message: expect.stringContaining('the disk is full'),
      remedy: expect.stringContaining('BNNW_HOME'),
    });
  });

  it.each([
    ['looks for a device', "import('./setup/opencl.mjs').then((setup) => setup.prepareOpenCl())"],
    ['fetches a driver', "import('./setup/driverPackages.mjs').then((setup) => setup.installDriver('pocl'))"],
  ])('is checked before setup %s', (_, work) => {
    const home = join(folder, 'file');
    writeFileSync(home, '');
    const script = `import('./setup/steps.mjs').then((steps) => steps.runScript(() => ${work}))`;
    const { status, stderr } = spawnSync(process.execPath, ['--eval', script], {
      cwd: applicationRoot(),
      encoding: 'utf8',
      env: { ...process.env, BNNW_HOME: home },
    });
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `setup: ${join(home, 'cache')} cannot be used: a file is in the way`,
      expect.stringContaining('BNNW_HOME'),
      '',
    ]);
  });

  it('is not needed by a command that uses no device', () => {
    expect(['models', 'doctor', '--help', 'report'].filter(usesDevice)).toEqual([]);
    expect(['devices', 'run', undefined].every(usesDevice)).toBe(true);
  });
});
