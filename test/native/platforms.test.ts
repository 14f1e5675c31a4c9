import { expect, test } from 'vitest';
import { Device, loaderPath, Platform, platforms } from '../../native/index.cjs';

test('the loader tells where it was found', () => {
  expect(loaderPath()).toMatch(/opencl/i);
});

test('a platform tells its name and has devices that lead back to it', () => {
  for (const platform of platforms()) {
    expect(platform).toBeInstanceOf(Platform);
    expect(platform.info.name).not.toBe('');
    expect(platform.info.version).toMatch(/^OpenCL \d\.\d/);
    for (const device of platform.devices()) {
      expect(device).toBeInstanceOf(Device);
      expect(device.platform).toBe(platform);
    }
  }
});

test('a device tells what it is, in plausible numbers', () => {
  const devices = platforms().flatMap((platform) => platform.devices());
  expect(devices.length).toBeGreaterThan(0);
  for (const { info } of devices) {
    expect(info.name).toBe(info.name.trim());
    expect(['cpu', 'gpu', 'accelerator', 'custom']).toContain(info.type);
    expect(info.version).toMatch(/^OpenCL \d\.\d/);
    expect(info.computeUnits).toBeGreaterThan(0);
    expect([32, 64]).toContain(info.addressBits);
    expect(info.globalMemoryBytes).toBeGreaterThanOrEqual(info.maxAllocationBytes);
    expect(info.maxWorkItemSizes.length).toBeGreaterThanOrEqual(3);
    expect(Object.keys(info.preferredVectorWidths)).toEqual([
      'char',
      'short',
      'int',
      'long',
      'float',
      'double',
      'half',
    ]);
    expect(Object.values(info)).not.toContain(undefined);
    expect(Object.isFrozen(info)).toBe(true);
  }
});
