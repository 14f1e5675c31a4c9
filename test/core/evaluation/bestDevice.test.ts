import { describe, expect, it } from 'vitest';
import { bestDevice } from '../../../core/evaluation/bestDevice';

const pocl = { id: 'opencl:pocl:cpu', type: 'cpu', computeUnits: 2 } as const;
const intel = { id: 'opencl:intel:cpu', type: 'cpu', computeUnits: 4 } as const;
const gpu = { id: 'opencl:nvidia:h100:01', type: 'gpu', computeUnits: 132 } as const;
const emulator = { id: 'opencl:intel:emulator', type: 'fpga-emulator', computeUnits: 64 } as const;
const onnxRuntime = { id: 'onnxruntime:cpu', type: 'cpu', computeUnits: 64 } as const;
const nothing = { id: 'null:null', type: 'null', computeUnits: 1 } as const;

describe('bestDevice', () => {
  it('takes a GPU before a CPU, and the larger of two', () => {
    expect(bestDevice([pocl, gpu, intel])).toBe(gpu);
    expect(bestDevice([pocl, intel])).toBe(intel);
  });

  it('takes OpenCL before anything else', () => {
    expect(bestDevice([onnxRuntime, pocl])).toBe(pocl);
    expect(bestDevice([nothing, emulator, onnxRuntime])).toBe(onnxRuntime);
  });

  it('never takes an emulator or the null device', () => {
    expect(bestDevice([emulator, nothing])).toBeNull();
  });
});
