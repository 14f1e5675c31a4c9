import { describe, expect, it } from 'vitest';
import { devicesNamed } from '../../../main/host/deviceNames';

const pocl = {
  id: 'opencl:portable:cpu',
  name: 'pthread-Xeon',
  platform: 'Portable Computing Language',
  type: 'cpu',
} as const;
const intel = { id: 'opencl:intel:cpu', name: 'Xeon', platform: 'Intel(R) OpenCL', type: 'cpu' } as const;
const emulator = {
  id: 'opencl:intel:fpga',
  name: 'Intel(R) FPGA Emulation Device',
  platform: 'Intel(R) FPGA Emulation Platform for OpenCL(TM)',
  type: 'fpga-emulator',
} as const;
const gpu = { id: 'opencl:cuda:h100:01', name: 'NVIDIA H100', platform: 'NVIDIA CUDA', type: 'gpu' } as const;
const onnx = { id: 'onnxruntime:cpu', name: 'Xeon E5', platform: 'ONNX Runtime', type: 'cpu' } as const;
const nothing = { id: 'null:null', name: 'Null device', platform: 'None', type: 'null' } as const;
const devices = [pocl, intel, emulator, gpu, onnx, nothing];

describe('a device name', () => {
  it.each([
    ['opencl:cuda:h100:01', gpu],
    ['h100', gpu],
    ['nvidia', gpu],
    ['pocl', pocl],
    ['POCL', pocl],
    ['portable', pocl],
    ['intel-cpu', intel],
    ['fpga-emulator', emulator],
    ['onnxruntime', onnx],
    ['null', nothing],
    ['xeon', intel], // the whole name of one, a part of others
  ])('%s means one device', (name, device) => {
    expect(devicesNamed([name], devices)).toEqual([device]);
  });

  it('all means every device but the null device', () => {
    expect(devicesNamed(['all'], devices)).toEqual([pocl, intel, emulator, gpu, onnx]);
  });

  it('may be given several times, and counts once', () => {
    expect(devicesNamed(['null', 'h100', 'nvidia'], devices)).toEqual([nothing, gpu]);
  });

  it('that fits several devices is refused with the list', () => {
    expect(() => devicesNamed(['intel'], devices)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        remedy: expect.stringMatching(/opencl:intel:cpu[\s\S]*opencl:intel:fpga/),
      }),
    );
  });

  it('that fits none is refused with the nearest', () => {
    expect(() => devicesNamed(['pcol'], devices)).toThrow(
      expect.objectContaining({ kind: 'unknown-name', remedy: 'Did you mean pocl?' }),
    );
    for (const [name, remedy] of [
      ['fpga-emulator', /^Install its driver: `npx bnnw install fpga-emulator`/],
      ['onnxruntime', /^Run `npx bnnw doctor`/],
    ] as const) {
      expect(() => devicesNamed([name], [gpu])).toThrow(
        expect.objectContaining({ kind: 'unknown-name', remedy: expect.stringMatching(remedy) }),
      );
    }
    expect(() => devicesNamed(['x'], [])).toThrow(expect.objectContaining({ kind: 'unknown-name' }));
  });
});
