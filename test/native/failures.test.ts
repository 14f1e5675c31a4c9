import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Context, Device, Program, Queue } from '../../native/index.cjs';
import { Context as ContextClass, liveHandles, loaderPath, platforms } from '../../native/index.cjs';
import { FakeDriver } from './fakeDriver';
import { noHandles } from './openDevice';

// fakeDriver.cc says what this driver does.
describe.skipIf(process.platform === 'win32')('with a driver that fails on demand', () => {
  let driver: FakeDriver;
  let context: Context;
  let queue: Queue;
  let program: Program;
  const owned: { release(): void }[] = [];

  beforeAll(async () => {
    driver = new FakeDriver();
    process.env.BNNW_OPENCL_LOADER = driver.library;
    context = new ContextClass(fakeDevice('KHR'));
    queue = context.createQueue();
    program = await context.buildProgram('', '');
  });

  afterEach(() => {
    for (const object of owned.splice(0)) object.release();
    expect(liveHandles()).toEqual({ contexts: 1, queues: 1, buffers: 0, programs: 1, kernels: 0 });
    expect(counters()).toMatchObject({ pending: 0, events: 0 });
  });

  afterAll(() => {
    for (const object of [program, queue, context]) object.release();
    expect(liveHandles()).toEqual(noHandles);
    driver.remove();
  });

  test('BNNW_OPENCL_LOADER is taken before the system’s loader', () => {
    expect(loaderPath()).toBe(driver.library);
  });

  test('the times are those of the driver’s events', async () => {
    const first = counters().commands;
    const list = [copy('write'), launch('work'), copy('read'), launch('work'), copy('read')];
    for (const wait of ['each', 'end'] as const) {
      const times = await queue.run(list, { repeats: 300, wait, perCommand: true });
      // The second command starts 200 ns before the fourth, which takes 50 ns.
      expect(new Set(times.deviceNs)).toEqual(new Set([250]));
      expect(times.deviceNs).toHaveLength(300);
      expect(new Set(times.commandNs)).toEqual(new Set([50]));
      expect(times.commandNs).toHaveLength(1500);
    }
    expect(counters().commands - first).toBe(3000);
  });

  test('a long run keeps few events alive', async () => {
    await queue.run([copy('write'), launch('work')], { repeats: 10_000, wait: 'end' });
    expect(counters().mostEvents).toBe(512);
  });

  test.each(['each', 'end'] as const)(
    'a command that ends with an error rejects with it, waiting at %s',
    async (wait) => {
      // In the middle of the 400th repeat; the error shows when that repeat is waited for.
      const number = counters().commands + 3 * 400 + 1;
      const list = [copy('write'), launch(`status -5 at ${number}`), copy('read')];
      await expect(queue.run(list, { repeats: 1000, wait })).rejects.toMatchObject({
        message: 'clEnqueueNDRangeKernel: CL_OUT_OF_RESOURCES (-5): command 1 ended with it',
        call: 'clEnqueueNDRangeKernel',
        code: -5,
      });
    },
  );

  test('a copy that ends with an error is named as such, with a code of no name', async () => {
    const number = counters().commands + 2;
    await expect(
      queue.run([launch(`status -9999 at ${number}`), copy('write'), copy('read')], { repeats: 1 }),
    ).rejects.toMatchObject({ call: 'clEnqueueReadBuffer', codeName: 'UNKNOWN', code: -9999 });
  });

  test.each(['each', 'end'] as const)(
    'what was queued before a refused command ends first, waiting at %s',
    async (wait) => {
      const number = counters().commands + 2 * 100 + 1;
      const run = queue.run([copy('write'), launch(`enqueue -4 at ${number}`)], { repeats: 1000, wait });
      await expect(run).rejects.toMatchObject({
        call: 'clEnqueueNDRangeKernel',
        codeName: 'CL_MEM_OBJECT_ALLOCATION_FAILURE',
        buildLog: null,
      });
      expect(counters()).toMatchObject({ pending: 0, events: 0, commands: number });
    },
  );

  test('a build fails with its code even where the driver keeps no log', async () => {
    await expect(context.buildProgram('', '-fails')).rejects.toMatchObject({ code: -11, buildLog: '' });
  });

  test('a binary that the device refuses is refused, though the call itself succeeds', async () => {
    await expect(context.loadProgram(Uint8Array.of(1), '')).rejects.toMatchObject({
      message: 'clCreateProgramWithBinary: CL_INVALID_BINARY (-42)',
    });
  });

  test('a program without a binary says so', () => {
    expect(() => program.binary()).toThrow('the driver gives no binary of this program');
  });

  test('the PCI address is read in each vendor’s form', () => {
    expect(fakeDevice('KHR').info.pciAddress).toBe('0001:2a:03.1');
    expect(fakeDevice('NVIDIA').info.pciAddress).toBe('0005:17:02.1');
    expect(fakeDevice('AMD').info.pciAddress).toBe('0000:c3:00.0');
  });

  test('what an extension adds is read where the extension is there', () => {
    expect(fakeDevice('KHR').info).toMatchObject({
      uuid: '30313233343536373839616263646566',
      integerDotProductAccelerated: true,
    });
    expect(fakeDevice('NVIDIA').info).toMatchObject({ uuid: null, integerDotProductAccelerated: null });
  });

  test('a device of OpenCL 1.0 is described by what it answers', () => {
    expect(fakeDevice('OLD').info).toMatchObject({
      type: 'accelerator',
      vendor: 'fake 1.0',
      openClCVersion: 'OpenCL C 1.0',
      extensions: [],
      builtInKernels: [],
      preferredVectorWidths: { char: 4, half: 0 },
      maxWorkItemSizes: [64, 8, 1],
      localMemoryIsDedicated: true,
      partitionMaxSubDevices: 0,
      unifiedMemory: null,
      pciAddress: null,
      maxSubGroups: null,
    });
  });

  function copy(kind: 'read' | 'write'): Command {
    const buffer = context.createBuffer(4);
    owned.push(buffer);
    const array = new Uint8Array(4);
    return kind === 'write'
      ? { kind, buffer, source: array, bytes: 4 }
      : { kind, buffer, target: array, bytes: 4 };
  }

  function launch(behaviour: string): Command {
    const kernel = program.createKernel(behaviour);
    owned.push(kernel);
    return { kind: 'kernel', kernel, global: [1] };
  }
});

function fakeDevice(name: string): Device {
  const device = platforms()
    .flatMap((platform) => platform.devices())
    .find(({ info }) => info.name === name);
  if (!device) throw new Error(`the fake driver has no device ${name}`);
  return device;
}

function counters(): { commands: number; pending: number; events: number; mostEvents: number } {
  const [commands, pending, events, mostEvents] = [...platforms()[0]!.info.name.matchAll(/\d+/g)].map(Number);
  return { commands: commands!, pending: pending!, events: events!, mostEvents: mostEvents! };
}
