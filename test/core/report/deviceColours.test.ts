import { describe, expect, it } from 'vitest';
import { deviceColours } from '../../../core/report/drawing/deviceColours';
import { DEVICE_COLOURS } from '../../../core/report/drawing/palette';

const pocl = 'opencl:portable-computing-language:pthread-haswell-amd-epyc';
const h100 = 'opencl:nvidia-cuda:nvidia-h100:0000:01:00.0';
const onnx = 'onnxruntime:cpu';

describe('the colours of devices', () => {
  it('do not depend on which others a session has, or in which order', () => {
    const alone = deviceColours([h100]).get(h100);
    expect(deviceColours([pocl, onnx, h100]).get(h100)).toBe(alone);
    expect(deviceColours([onnx, h100, pocl, 'null:null']).get(h100)).toBe(alone);
  });

  it('differ between two of a kind', () => {
    const second = `${h100.slice(0, -4)}2.0`;
    const colours = deviceColours([h100, second, pocl, onnx]);
    expect(new Set(colours.values()).size).toBe(4);
  });

  it('begin again after as many devices as there are colours', () => {
    const ids = Array.from({ length: DEVICE_COLOURS.length + 1 }, (_, i) => `opencl:platform:${i}`);
    expect(deviceColours(ids).size).toBe(ids.length);
  });
});
