import { describe, expect, it } from 'vitest';
import { describeDevices, deviceIds, deviceType } from '../../main/devices/opencl/description';
import type { Device } from '../../native';
import { testDevice } from '../openclDevice';

const device = testDevice();

/** The test device under another name and bus address. */
function renamed(platformName: string, name: string, pciAddress: string | null = null): Device {
  const { platform, info } = device;
  return {
    ...device,
    info: { ...info, name, pciAddress },
    platform: { info: { ...platform.info, name: platformName }, devices: () => [] },
  };
}

describe('device ids', () => {
  it('name platform and device, and the bus address where it is known', () => {
    expect(
      deviceIds([
        renamed('Portable Computing Language', 'pthread-haswell-AMD EPYC 7443P'),
        renamed('NVIDIA CUDA', 'NVIDIA H100 80GB HBM3', '0000:01:00.0'),
      ]),
    ).toEqual([
      'opencl:portable-computing-language:pthread-haswell-amd-epyc-7443p',
      'opencl:nvidia-cuda:nvidia-h100-80gb-hbm3:0000:01:00.0',
    ]);
  });

  it('number only what is still alike', () => {
    const alike = renamed('AMD', 'gfx90a');
    expect(deviceIds([alike, renamed('AMD', 'gfx1100'), alike])).toEqual([
      'opencl:amd:gfx90a:0',
      'opencl:amd:gfx1100',
      'opencl:amd:gfx90a:1',
    ]);
  });
});

it.each([
  ['Portable Computing Language', 'cpu', 'cpu'],
  ['NVIDIA CUDA', 'gpu', 'gpu'],
  ['Intel(R) FPGA Emulation Platform for OpenCL(TM)', 'accelerator', 'fpga-emulator'],
  ['Intel(R) FPGA SDK for OpenCL(TM)', 'accelerator', 'fpga'],
  ['Xilinx', 'accelerator', 'fpga'],
  ['Oclgrind', 'accelerator', 'accelerator'],
  ['Portable Computing Language', 'custom', 'accelerator'],
] as const)('on platform %s a device of OpenCL type %s is a %s', (platform, type, expected) => {
  expect(deviceType({ platform, name: 'x', type })).toBe(expected);
});

it('a device is described with all that its driver tells', () => {
  const [{ info }] = describeDevices([device]) as [ReturnType<typeof describeDevices>[0]];
  expect(info).toMatchObject({
    driver: device.info.driverVersion,
    computeUnits: device.info.computeUnits,
    precisions: expect.arrayContaining(['fp32']),
  });
  expect(Object.keys(info.details)).toEqual(expect.arrayContaining(Object.keys(device.info)));
  expect(info.details.preferredVectorWidths).toMatch(/float \d+/);
});
