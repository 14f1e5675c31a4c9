import { expect, it } from 'vitest';
import { deviceLabel, shortProcessorName } from '../../../core/report/deviceLabel';

it.each([
  [
    'pthread-skylake-avx512-Intel(R) Xeon(R) Processor',
    'Portable Computing Language',
    'Intel Xeon Processor (PoCL)',
  ],
  ['pthread-AMD EPYC 7B13', 'Portable Computing Language', 'AMD EPYC 7B13 (PoCL)'],
  ['cpu-haswell-AMD EPYC 7B13', 'Portable Computing Language', 'AMD EPYC 7B13 (PoCL)'],
  ['NVIDIA H100 80GB HBM3', 'NVIDIA CUDA', 'NVIDIA H100 80GB HBM3 (CUDA)'],
  ['Intel(R) Core(TM)  i7-8550U', 'Intel(R) OpenCL', 'Intel Core i7-8550U (Intel OpenCL)'],
  ['de10-nano', 'Somebody’s OpenCL', 'de10-nano (Somebody’s OpenCL)'],
])('writes %s of %s as %s', (name, platform, label) => {
  expect(deviceLabel({ name, platform, type: 'cpu' })).toBe(label);
});

it.each([
  ['pthread-haswell-Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz', 'Xeon Platinum 8375C'],
  ['Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz', 'Core i7-8550U'],
  ['AMD EPYC 7R13 48-Core Processor', 'EPYC 7R13'],
  ['NVIDIA H100 80GB HBM3', 'H100'],
  ['CPU', 'CPU'],
])('shortens %s to %s', (name, short) => {
  expect(shortProcessorName({ name, platform: 'OpenCL', type: 'cpu' })).toBe(short);
});

it('needs no platform for the null device', () => {
  expect(deviceLabel({ name: 'Null device', platform: 'None', type: 'null' })).toBe('Null device');
});

it('says only once that an emulator is one', () => {
  const emulator = {
    platform: 'Intel(R) FPGA Emulation Platform for OpenCL(TM)',
    type: 'fpga-emulator',
  } as const;
  expect(deviceLabel({ ...emulator, name: 'Intel(R) FPGA Emulation Device' })).toBe(
    'Intel FPGA Emulation Device',
  );
  expect(deviceLabel({ ...emulator, name: 'Agilex 7' })).toBe('Agilex 7 (Intel emulator)');
});
