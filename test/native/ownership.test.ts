import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as openCl from '../../native/index.cjs';
import { anyDevice, deviceForEachTest, noHandles, OpenDevice } from './openDevice';

const device = deviceForEachTest();
const source = 'kernel void add(global uint* y, uint a) { y[get_global_id(0)] += a; }';

test('handles are counted, and given back by release, twice at no harm', async () => {
  const program = device().own(await device().context.buildProgram(source, ''));
  const kernel = device().own(program.createKernel('add'));
  const buffer = device().own(device().context.createBuffer(4));
  expect(openCl.liveHandles()).toEqual({ contexts: 1, queues: 1, buffers: 1, programs: 1, kernels: 1 });
  for (const object of [kernel, buffer, program, device().queue, device().context]) {
    object.release();
    object.release();
  }
  expect(openCl.liveHandles()).toEqual(noHandles);
});

test('children outlive a released parent', async () => {
  const program = device().own(await device().context.buildProgram(source, ''));
  const kernel = device().own(program.createKernel('add'));
  const buffer = device().upload(Uint32Array.of(1));
  program.release();
  device().context.release();
  kernel.setArguments([buffer, { uint: 41 }]);
  await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
  expect([...device().download(buffer)]).toEqual([42]);
});

test('a kernel keeps the buffers of its arguments alive', async () => {
  const kernel = await device().kernel(source, 'add');
  const buffer = device().upload(Uint32Array.of(1));
  kernel.setArguments([buffer, { uint: 1 }]);
  buffer.release();
  expect(openCl.liveHandles().buffers).toBe(1);
  await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 3 });
  kernel.setArgument(0, device().upload(Uint32Array.of(1)));
  expect(openCl.liveHandles().buffers).toBe(1);
});

test('a run keeps all that it uses alive, and gives it back', async () => {
  const kernel = await device().kernel(source, 'add');
  const buffer = device().upload(Uint32Array.of(0));
  kernel.setArguments([buffer, { uint: 1 }]);
  const target = new Uint8Array(4);
  const run = device().queue.run(
    [
      { kind: 'kernel', kernel, global: [1] },
      { kind: 'read', buffer, target, bytes: 4 },
    ],
    { repeats: 500 },
  );
  device().release();
  expect(openCl.liveHandles()).toMatchObject({ queues: 1, buffers: 1, kernels: 1 });
  await run;
  expect(new Uint32Array(target.buffer)[0]).toBe(500);
  expect(openCl.liveHandles()).toEqual(noHandles);
});

test('a released object throws a TypeError on use', async () => {
  const { context, queue } = device();
  const program = device().own(await context.buildProgram(source, ''));
  const kernel = device().own(program.createKernel('add'));
  const buffer = device().own(context.createBuffer(4));
  const live = device().own(context.createBuffer(4));
  buffer.release();
  const bytes = new Uint8Array(4);
  expect(() => queue.write(buffer, bytes)).toThrow(new TypeError('the Buffer is released'));
  expect(() => kernel.setArgument(0, buffer)).toThrow(TypeError);
  expect(() => queue.run([{ kind: 'read', buffer, target: bytes, bytes: 4 }], { repeats: 1 })).toThrow(
    TypeError,
  );
  kernel.release();
  expect(() => kernel.setArgument(1, { uint: 1 })).toThrow(new TypeError('the Kernel is released'));
  expect(() => queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 })).toThrow(TypeError);
  program.release();
  expect(() => program.createKernel('add')).toThrow(new TypeError('the Program is released'));
  expect(() => program.binary()).toThrow(TypeError);
  queue.release();
  expect(() => queue.read(live, bytes)).toThrow(new TypeError('the Queue is released'));
  expect(() => queue.run([], { repeats: 1 })).toThrow(TypeError);
  expect(() => queue.cancel()).toThrow(TypeError);
  context.release();
  expect(() => context.createBuffer(4)).toThrow(new TypeError('the Context is released'));
  expect(() => context.createQueue()).toThrow(TypeError);
  expect(() => context.buildProgram(source, '')).toThrow(TypeError);
  expect(() => context.loadProgram(bytes, '')).toThrow(TypeError);
});

test('a getter that releases the object in use does no harm', async () => {
  const kernel = await device().kernel(source, 'add');
  const buffer = device().own(device().context.createBuffer(4));
  const treacherous = {
    get uint() {
      kernel.release();
      return 1;
    },
  };
  kernel.setArguments([buffer, treacherous]);
  expect(() => kernel.setArgument(1, { uint: 1 })).toThrow('the Kernel is released');
});

test('a getter that shrinks an array in use is noticed', async () => {
  const buffer = device().own(device().context.createBuffer(8));
  const source = new Uint8Array(8);
  const write = { kind: 'write' as const, buffer, source, bytes: 8 };
  const treacherous = {
    ...write,
    get bytes() {
      structuredClone(source, { transfer: [source.buffer] });
      return 8;
    },
  };
  expect(() => device().queue.run([write, treacherous], { repeats: 1 })).toThrow(RangeError);
});

test('only the addon makes its objects, and only its objects pass', () => {
  const { Platform, Device, Buffer, Program, Kernel, Queue } = openCl;
  for (const made of [Platform, Device, Buffer, Program, Kernel, Queue]) {
    expect(() => Reflect.construct(made, [])).toThrow(`a ${made.name} cannot be constructed with new`);
  }
  expect(() => Reflect.construct(openCl.Context, [{}])).toThrow(TypeError);
  const impostor = Object.create(openCl.Buffer.prototype);
  expect(impostor).toBeInstanceOf(openCl.Buffer);
  expect(() => device().queue.write(impostor, new Uint8Array(1))).toThrow('buffer must be a Buffer');
  expect(() =>
    Reflect.apply(device().queue.write, device().queue, [device().queue, new Uint8Array(1)]),
  ).toThrow('buffer must be a Buffer');
  expect(() => openCl.Buffer.prototype.release.call(impostor)).toThrow(TypeError);
});

test('opening and closing leaves nothing, whether by release or by garbage collection', async () => {
  const chosen = anyDevice();
  for (let i = 0; i < 50; i++) {
    const open = new OpenDevice();
    const kernel = await open.kernel(source, 'add');
    kernel.setArguments([open.upload(Uint32Array.of(0)), { uint: i }]);
    await open.queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 2 });
    open.release();
    expect(openCl.liveHandles()).toEqual(noHandles);
  }
  await expect(device().context.buildProgram('kernel void f( {', '')).rejects.toThrow();
  device().release();
  expect(openCl.liveHandles()).toEqual(noHandles);

  (() => {
    for (let i = 0; i < 50; i++) new openCl.Context(chosen).createBuffer(16);
  })();
  expect(openCl.liveHandles()).toMatchObject({ contexts: 50, buffers: 50 });
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  for (let i = 0; i < 20 && openCl.liveHandles().contexts > 0; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(openCl.liveHandles()).toEqual(noHandles);
});
