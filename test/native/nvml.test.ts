import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const addon = path.resolve(import.meta.dirname, '../../native/index.cjs');

/** Evaluates an expression over the addon in a process that finds the libraries of a folder first. */
function evaluate(expression: string, environment: Record<string, string>): unknown {
  const script = `const nvml = require(${JSON.stringify(addon)});
    let answer;
    try { answer = ${expression}; } catch ({ name, call, code, message }) { answer = { name, call, code, message }; }
    console.log(JSON.stringify(answer));`;
  const env = { ...process.env, ...environment };
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env }));
}

// fakeNvml.cc says what this library answers.
describe.skipIf(process.platform !== 'linux')("with a stand-in for NVIDIA's management library", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bnnw-fake-nvml-'));
    const options = ['-std=c++17', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror'];
    const source = path.join(import.meta.dirname, 'fakeNvml.cc');
    const library = path.join(folder, 'libnvidia-ml.so.1');
    execFileSync(process.env.CXX ?? 'c++', [...options, '-o', library, source], { stdio: 'inherit' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('GPUs are listed with what tells them apart', () => {
    expect(evaluate('nvml.nvmlDevices()', { LD_LIBRARY_PATH: folder })).toEqual([
      {
        name: 'NVIDIA H100 80GB HBM3',
        uuid: 'GPU-11111111-2222-3333-4444-555555555555',
        pciAddress: '00000000:3B:00.0',
      },
      { name: 'Tesla C2050', uuid: 'GPU-old', pciAddress: '00000000:AF:00.0' },
    ]);
  });

  test.each([
    ['powerW', 350.5, 98.25],
    ['instantW', 401.25, null],
    ['averageW', null, null],
    ['energyJ', 9007199254.74, null],
    ['graphicsClockMhz', 1980, null],
    ['memoryClockMhz', 2619, null],
    ['temperatureC', 61, 61],
  ])('%s is in the unit of its name, and null where the driver refuses it', (name, modern, old) => {
    const readings = evaluate(
      `['GPU-11111111-2222-3333-4444-555555555555', 'GPU-old'].map((uuid) => nvml.nvmlReading(uuid, '${name}'))`,
      { LD_LIBRARY_PATH: folder },
    );
    expect(readings).toEqual([modern, old]);
  });

  test('a GPU that is gone, and a driver that is not loaded, are told by call and code', () => {
    expect(evaluate("nvml.nvmlReading('GPU-gone', 'powerW')", { LD_LIBRARY_PATH: folder })).toEqual({
      name: 'NvmlError',
      call: 'nvmlDeviceGetHandleByUUID',
      code: 6,
      message: 'nvmlDeviceGetHandleByUUID: Not Found (6)',
    });
    expect(evaluate('nvml.nvmlDevices()', { LD_LIBRARY_PATH: folder, FAKE_NVML_INIT: '9' })).toMatchObject({
      name: 'NvmlError',
      call: 'nvmlInit_v2',
      code: 9,
    });
    expect(evaluate("nvml.nvmlReading(7, 'powerW')", { LD_LIBRARY_PATH: folder })).toMatchObject({
      name: 'TypeError',
    });
    expect(evaluate("nvml.nvmlReading('GPU-old', 'mood')", { LD_LIBRARY_PATH: folder })).toMatchObject({
      name: 'RangeError',
    });
  });
});
