import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../core/errors';
import { openClDrivers } from '../../main/devices/opencl/drivers';
import { driverPackages } from '../../setup/driverPackages.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bnnw-drivers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(id: string, description: string): void {
  mkdirSync(join(folder, id));
  writeFileSync(join(folder, id, 'driver.json'), description);
}

const emulator = JSON.stringify({
  id: 'fpga-emulator',
  version: '2025.0.5',
  library: 'lib/libintelocl_emu.so',
  loader: 'loader/libOpenCL.so.1',
  environment: { CL_CONFIG_CPU_TBB_NUM_WORKERS: '64' },
});

describe('the OpenCL drivers to look at', () => {
  it("are the system's where nothing was installed, even without a cache folder", () => {
    expect(openClDrivers(join(folder, 'none')).map(({ id }) => id)).toEqual(['system']);
  });

  it('come with an environment in which a loader sees this driver only', () => {
    install('fpga-emulator', emulator);
    const [, driver] = openClDrivers(folder);
    const library = join(folder, 'fpga-emulator/lib/libintelocl_emu.so');
    expect(driver).toMatchObject({
      id: 'fpga-emulator',
      environment: {
        BNNW_OPENCL_LOADER: join(folder, 'fpga-emulator/loader/libOpenCL.so.1'),
        OCL_ICD_VENDORS: library,
        OCL_ICD_FILENAMES: library,
        CL_CONFIG_CPU_TBB_NUM_WORKERS: '64',
      },
    });
  });

  it('name each driver of the system alone, for both loaders', () => {
    const icd = join(folder, 'pocl.icd');
    writeFileSync(icd, 'libpocl.so.2\n');
    writeFileSync(join(folder, 'README'), 'no driver');
    const alone = { OCL_ICD_VENDORS: icd, OCL_ICD_FILENAMES: 'libpocl.so.2' };
    for (const vendors of [folder, icd]) {
      const [system] = openClDrivers(join(folder, 'none'), vendors);
      expect(system?.apart).toEqual([{ id: icd, environment: expect.objectContaining(alone) }]);
    }
  });

  it('leave out a folder that is not complete', () => {
    mkdirSync(join(folder, 'intel-cpu'));
    expect(openClDrivers(folder)).toHaveLength(1);
  });

  it.each([['not JSON'], ['{}'], [emulator.replace('loader/', '').replace('"loader"', '"other"')]])(
    'refuse a damaged description: %s',
    (description) => {
      install('fpga-emulator', description);
      expect(() => openClDrivers(folder)).toThrow(WorkbenchError);
    },
  );
});

describe('the drivers that setup fetches', () => {
  it.each(Object.entries(driverPackages))('%s is pinned by version and content', (_, { wheels }) => {
    for (const wheel of wheels) {
      expect(wheel.version).toMatch(/^\d+(\.\d+)+$/);
      expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
