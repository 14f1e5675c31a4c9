import { describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../../core/contract/host';
import { findSensors, type SensorFinders } from '../../../main/power';
import { findNvml, type NvmlLibrary } from '../../../main/power/nvml';
import { samePciAddress } from '../../../main/power/pciAddress';
import type { PowerSensor } from '../../../main/power/sensor';
import { typedInPower } from '../../../main/power/typedIn';

type Readings = Partial<Record<Parameters<NvmlLibrary['nvmlReading']>[1], number>>;

function gpu(name: string, readings: Readings): NvmlLibrary {
  return {
    nvmlDevices: () => [{ name, uuid: 'GPU-1', pciAddress: '00000000:3B:00.0' }],
    nvmlReading: (_uuid, field) => readings[field] ?? null,
  };
}

describe('NVML', () => {
  it('offers the energy counter first, and says that an H100 is watched a quarter of the time', async () => {
    const library = gpu('NVIDIA H100 80GB HBM3', { powerW: 300, instantW: 310, averageW: 300, energyJ: 12 });
    const { sensors } = await findNvml('0000:3b:00.0', library);
    expect(sensors.map(({ description }) => description)).toMatchObject([
      { id: 'nvml:GPU-1:energyJ', kind: 'counter', updateMs: 100, scope: 'board', duty: 0.25 },
      { id: 'nvml:GPU-1:instantW', kind: 'power', averagingMs: null, duty: 0.25 },
      { id: 'nvml:GPU-1:averageW', kind: 'power', averagingMs: 1000, duty: 0.25 },
    ]);
    expect(await sensors[1]!.read(3)).toEqual({ atMs: 3, value: 310 });
  });

  it('makes do with the plain power of an old GPU', async () => {
    const { sensors } = await findNvml('0000:3b:00.0', gpu('Tesla K80', { powerW: 60 }));
    expect(sensors.map(({ description }) => description)).toMatchObject([
      { id: 'nvml:GPU-1:powerW', duty: 1 },
    ]);
  });

  it('gives no reading once the GPU is gone', async () => {
    const library = gpu('Tesla K80', { powerW: 60 });
    const { sensors } = await findNvml('0000:3b:00.0', library);
    library.nvmlReading = () => {
      throw new Error('nvmlDeviceGetHandleByUUID: GPU is lost (15)');
    };
    expect(await sensors[0]!.read(1)).toEqual({ atMs: 1, value: null });
  });

  it('says what is missing where there is no library, and nothing for a card that is not its', async () => {
    const missing: NvmlLibrary = {
      ...gpu('', {}),
      nvmlDevices: () => {
        throw new Error('dlopen: libnvidia-ml.so.1 is not here (12)');
      },
    };
    const { sensors, advice } = await findNvml('0000:3b:00.0', missing);
    expect(sensors).toEqual([]);
    expect(advice[0]!.problem).toContain('libnvidia-ml.so.1');
    expect(await findNvml('0000:3c:00.0', gpu('Tesla K80', { powerW: 60 }))).toEqual({
      sensors: [],
      advice: [],
    });
  });
});

it.each([
  ['00000000:3B:00.0', '0000:3b:00.0', true],
  ['0000:89:00:0', '0000:89:00.0', true],
  ['0000:3b:00.0', '0000:3b:00.1', false],
  ['not reported', 'not reported', false],
])('%s and %s: one place on the bus is %s', (a, b, same) => {
  expect(samePciAddress(a, b)).toBe(same);
});

describe('the sensors of a device', () => {
  const closed: string[] = [];
  function sensor(id: string, scope: 'package' | 'board'): PowerSensor {
    const typedIn = typedInPower(1, scope);
    const description = { ...typedIn.description, id };
    return { ...typedIn, description, close: () => void closed.push(id) };
  }
  const finders: SensorFinders = {
    rapl: async () => ({
      sensors: [sensor('package-0', 'package'), sensor('package-1', 'package')],
      advice: [],
    }),
    nvml: async (address) => ({
      sensors: [sensor(`nvml ${address}`, 'board'), sensor('second', 'board')],
      advice: [],
    }),
    hwmon: async () => ({ sensors: [], advice: [] }),
    boardTools: async (address) => ({ sensors: [sensor(`tool ${address}`, 'board')], advice: [] }),
  };
  const device = (type: DeviceInfo['type'], platform: string, pciAddress = '0000:3b:00.0') => ({
    type,
    platform,
    details: { pciAddress },
  });
  const idsFor = async (found: ReturnType<typeof device>, given = finders) =>
    (await findSensors(found, given)).sensors.map(({ description }) => description.id);

  it('are all packages for a processor', async () => {
    expect(await idsFor(device('cpu', 'Intel(R) OpenCL'))).toEqual(['package-0', 'package-1']);
  });

  it('are the whole board alone where that is counted, since it includes the packages', async () => {
    const rapl = async () => ({
      sensors: [sensor('package-0', 'package'), sensor('psys', 'board')],
      advice: [],
    });
    expect(await idsFor(device('cpu', 'Intel(R) OpenCL'), { ...finders, rapl })).toEqual(['psys']);
  });

  it('are none where one package of two may not be read: half a machine is no figure', async () => {
    const refusal = { subject: 'RAPL intel-rapl:1', problem: 'may be read by root only', remedy: 'a rule' };
    const rapl = async () => ({ sensors: [sensor('package-0', 'package')], advice: [refusal] });
    const found = await findSensors(device('cpu', 'Intel(R) OpenCL'), { ...finders, rapl });
    expect(found).toEqual({ sensors: [], advice: [refusal] });
  });

  it('are the best one of a card, and the others are closed', async () => {
    closed.length = 0;
    expect(await idsFor(device('gpu', 'NVIDIA CUDA'))).toEqual(['nvml 0000:3b:00.0']);
    expect(closed).toEqual(['second']);
    expect(await idsFor(device('fpga', 'Xilinx'))).toEqual(['tool 0000:3b:00.0']);
  });

  it('are none for a card at an unknown address, with advice, and for the null device', async () => {
    const { sensors, advice } = await findSensors(device('gpu', 'NVIDIA CUDA', 'not reported'), finders);
    expect(sensors).toEqual([]);
    expect(advice).toHaveLength(1);
    expect(await findSensors(device('null', 'None'), finders)).toEqual({ sensors: [], advice: [] });
  });
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%s W cannot be typed in', (watts) => {
  expect(() => typedInPower(watts, 'wall')).toThrow(RangeError);
});
