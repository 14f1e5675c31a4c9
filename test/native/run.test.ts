import { expect, test, vi } from 'vitest';
import type { Command, Queue, RunOptions } from '../../native/index.cjs';
import { testRandom } from '../random';
import { bytesOf, deviceForEachTest, OpenDevice } from './openDevice';

const device = deviceForEachTest();
const random = testRandom('native run');

const saxpy = `kernel void saxpy(global const float* x, global float* y, float a) {
  size_t i = get_global_id(0);
  y[i] += a * x[i];
}`;

/** Appends its argument to a log: log[0] counts the entries after it. */
const append = 'kernel void append(global uint* log, uint value) { log[++log[0]] = value; }';

test.each(['each', 'end'] as const)('strides walk through the arrays, waiting at %s', async (wait) => {
  const n = 64;
  const repeats = 9;
  const xs = Float32Array.from({ length: n * repeats }, () => random.unit());
  const ys = Float32Array.from({ length: n }, () => random.unit());
  const results = new Float32Array(n * repeats);
  const kernel = await device().kernel(saxpy, 'saxpy');
  const x = device().own(device().context.createBuffer(n * 4));
  const y = device().own(device().context.createBuffer(n * 4));
  kernel.setArguments([x, y, { float: 2 }]);

  const times = await device().queue.run(
    [
      { kind: 'write', buffer: x, source: bytesOf(xs), bytes: n * 4, stride: n * 4 },
      { kind: 'write', buffer: y, source: bytesOf(ys), bytes: n * 4 },
      { kind: 'kernel', kernel, global: [n] },
      { kind: 'read', buffer: y, target: bytesOf(results), bytes: n * 4, stride: n * 4 },
    ],
    { repeats, wait, perCommand: true },
  );

  expect(results).toEqual(Float32Array.from(xs, (value, i) => Math.fround(2 * value + ys[i % n]!)));
  expect(times.repeats).toBe(repeats);
  expect(times.hostNs).toHaveLength(wait === 'each' ? repeats : 1);
  expect(times.deviceNs).toHaveLength(repeats);
  expect(times.commandNs).toHaveLength(repeats * 4);
  expect(Math.min(...times.hostNs)).toBeGreaterThan(0);
  expect(Math.min(...(times.deviceNs ?? []), ...(times.commandNs ?? []))).toBeGreaterThanOrEqual(0);
});

test('offsets move within the array and the buffer', async () => {
  const source = Uint8Array.from({ length: 20 }, (_, i) => i);
  const target = new Uint8Array(20);
  const buffer = device().own(device().context.createBuffer(10));
  await device().queue.run(
    [
      { kind: 'write', buffer, source, bytes: 4, offset: 2, stride: 4, bufferOffset: 6 },
      { kind: 'read', buffer, target, bytes: 2, offset: 1, stride: 3, bufferOffset: 8 },
    ],
    { repeats: 4 },
  );
  expect([...target]).toEqual([0, 4, 5, 0, 8, 9, 0, 12, 13, 0, 16, 17, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('with one kernel, its time is the device’s time; with two, the gap between them counts', async () => {
  const kernel = await device().kernel(append, 'append');
  kernel.setArguments([device().upload(new Uint32Array(100)), { uint: 1 }]);
  const launch: Command = { kind: 'kernel', kernel, global: [1] };
  const one = await device().queue.run([launch], { repeats: 5, perCommand: true });
  expect(one.deviceNs).toEqual(one.commandNs);
  const two = await device().queue.run([launch, launch], { repeats: 5, perCommand: true });
  for (let repeat = 0; repeat < 5; repeat++) {
    const sum = two.commandNs![2 * repeat]! + two.commandNs![2 * repeat + 1]!;
    expect(two.deviceNs![repeat]).toBeGreaterThanOrEqual(sum);
  }
});

test('times are null where there are none', async () => {
  const unprofiled = new OpenDevice({ profiling: false });
  try {
    const kernel = await unprofiled.kernel(append, 'append');
    kernel.setArguments([unprofiled.upload(new Uint32Array(100)), { uint: 1 }]);
    const launch: Command = { kind: 'kernel', kernel, global: [1] };
    const times = await unprofiled.queue.run([launch], { repeats: 2 });
    expect(times).toMatchObject({ deviceNs: null, commandNs: null, repeats: 2 });
    expect(() => unprofiled.queue.run([launch], { repeats: 2, perCommand: true })).toThrow(
      'perCommand needs a queue with profiling',
    );
  } finally {
    unprofiled.release();
  }
  const buffer = device().own(device().context.createBuffer(4));
  const copy: Command = { kind: 'write', buffer, source: new Uint8Array(4), bytes: 4 };
  expect(await device().queue.run([copy], { repeats: 2 })).toMatchObject({ deviceNs: null, repeats: 2 });
});

test('launches use the arguments of the call, or bring their own', async () => {
  const kernel = await device().kernel(append, 'append');
  const log = device().upload(new Uint32Array(16));
  kernel.setArguments([log, { uint: 1 }]);
  const run = device().queue.run(
    [
      { kind: 'kernel', kernel, global: [1] },
      { kind: 'kernel', kernel, global: [1], arguments: [{ index: 1, value: { uint: 2 } }] },
      { kind: 'kernel', kernel, global: [1], arguments: [{ index: 1, value: { uint: 3 } }] },
    ],
    { repeats: 2 },
  );
  expect(() => kernel.setArgument(1, { uint: 4 })).toThrow('the kernel append is in a run');
  await run;
  expect([...device().download(log)].slice(0, 7)).toEqual([6, 1, 2, 3, 1, 2, 3]);

  await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
  expect([...device().download(log)].slice(6, 8)).toEqual([3, 3]); // what was set last stayed
});

test('a launch without all arguments is refused before anything runs', async () => {
  const kernel = await device().kernel(append, 'append');
  const log = device().upload(new Uint32Array(4));
  kernel.setArgument(0, log);
  const bare: Command = { kind: 'kernel', kernel, global: [1] };
  const complete: Command = { ...bare, arguments: [{ index: 1, value: { uint: 5 } }] };
  expect(() => device().queue.run([complete, bare], { repeats: 1 })).toThrow(
    new TypeError('commands[1].kernel: argument 1 of append is not set'),
  );
  await device().queue.run([complete], { repeats: 1 });
  expect([...device().download(log)]).toEqual([1, 5, 0, 0]);
});

test('work items and groups have the sizes asked for', async () => {
  const kernel = await device().kernel(
    `kernel void sizes(global uint* out) {
       size_t i = get_global_id(0) + get_global_size(0) * (get_global_id(1) + get_global_size(1) * get_global_id(2));
       out[i] = get_local_size(0) * 100 + get_local_size(1) * 10 + get_local_size(2);
     }`,
    'sizes',
  );
  const out = device().upload(new Uint32Array(24));
  kernel.setArguments([out]);
  await device().queue.run([{ kind: 'kernel', kernel, global: [4, 3, 2], local: [2, 3, 1] }], { repeats: 1 });
  expect(new Set(device().download(out))).toEqual(new Set([231]));
});

test('a queue does one run at a time, and a kernel is in one', async () => {
  const kernel = await device().kernel(append, 'append');
  const log = device().upload(new Uint32Array(2000));
  kernel.setArguments([log, { uint: 1 }]);
  const other = device().own(device().context.createQueue());
  const commands: Command[] = [{ kind: 'kernel', kernel, global: [1] }];
  const first = device().queue.run(commands, { repeats: 1000 });
  expect(() => device().queue.run(commands, { repeats: 1 })).toThrow('the kernel append is in a run');
  expect(() => other.run(commands, { repeats: 1 })).toThrow('the kernel append is in a run');
  const copy: Command = { kind: 'read', buffer: log, target: new Uint8Array(4), bytes: 4 };
  expect(() => device().queue.run([copy], { repeats: 1 })).toThrow('the Queue is in a run');
  expect(() => device().queue.write(log, new Uint8Array(4))).toThrow('the Queue is in a run');
  await first;
  await other.run(commands, { repeats: 1 });
});

test.each(['each', 'end'] as const)('a cancelled run ends early, waiting at %s', async (wait) => {
  const kernel = await device().kernel(append, 'append');
  kernel.setArguments([device().upload(new Uint32Array(1 << 20)), { uint: 1 }]);
  const repeats = 1_000_000;
  const run = device().queue.run([{ kind: 'kernel', kernel, global: [1] }], {
    repeats,
    wait,
    perCommand: true,
  });
  device().queue.cancel();
  const times = await run;
  expect(times.repeats).toBeLessThan(repeats);
  expect(times.hostNs).toHaveLength(wait === 'each' ? times.repeats : 1);
  expect(times.deviceNs).toHaveLength(times.repeats);
  expect(times.commandNs).toHaveLength(times.repeats);
  // The next run is not cancelled by what came before it.
  device().queue.cancel();
  expect(await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 3 })).toMatchObject({
    repeats: 3,
  });
});

test('a failed launch rejects, and the queue and the kernel are free again', async () => {
  const kernel = await device().kernel(append, 'append');
  const log = device().upload(new Uint32Array(4));
  kernel.setArguments([log, { uint: 1 }]);
  const wrong = device().queue.run([{ kind: 'kernel', kernel, global: [3], local: [2 ** 40] }], {
    repeats: 1,
  });
  await expect(wrong).rejects.toMatchObject({ name: 'OpenClError', call: 'clEnqueueNDRangeKernel' });
  await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
  expect([...device().download(log)]).toEqual([1, 1, 0, 0]);
});

test.each<[string, Record<string, unknown>, Partial<RunOptions>]>([
  ['beyond the array', { bytes: 17 }, {}],
  ['beyond the array by its offset', { bytes: 16, offset: 1 }, {}],
  ['beyond the array in the last repeat', { bytes: 4, stride: 4 }, { repeats: 5 }],
  ['beyond the array by an overflow', { bytes: 1, offset: 1, stride: 2 ** 52 }, { repeats: 2 ** 52 }],
  ['beyond the buffer', { bytes: 8, bufferOffset: 9 }, {}],
  ['of no bytes', { bytes: 0 }, {}],
  ['of part of a byte', { bytes: 1.5 }, {}],
  ['from before the array', { bytes: 1, offset: -1 }, {}],
  ['backwards', { bytes: 1, stride: -1 }, {}],
  ['no times', { bytes: 1 }, { repeats: 0 }],
])('a copy %s is refused', async (_, fields, options) => {
  const buffer = device().own(device().context.createBuffer(16));
  const command = { kind: 'write', buffer, source: new Uint8Array(16), ...fields };
  expect(() => run([command], { repeats: 1, ...options })).toThrow(RangeError);
});

test.each<[string, unknown, unknown]>([
  ['commands that are no list', {}, { repeats: 1 }],
  ['a command of no kind', [{}], { repeats: 1 }],
  ['a command of an unknown kind', [{ kind: 'copy' }], { repeats: 1 }],
  ['a copy without a buffer', [{ kind: 'write', source: new Uint8Array(1), bytes: 1 }], { repeats: 1 }],
  ['a copy from floats', [{ kind: 'write', source: new Float32Array(1), bytes: 1 }], { repeats: 1 }],
  ['a launch without a kernel', [{ kind: 'kernel', global: [1] }], { repeats: 1 }],
  ['no options', [], undefined],
  ['an unknown wait', [], { repeats: 1, wait: 'never' }],
  ['repeats that are no number', [], { repeats: '1' }],
])('%s: refused', (_, commands, options) => {
  expect(() => run(commands, options)).toThrow(TypeError);
});

test('an empty list, and sizes of no work, are refused', async () => {
  expect(() => run([], { repeats: 1 })).toThrow(new RangeError('commands must not be empty'));
  const kernel = await device().kernel(append, 'append');
  kernel.setArguments([device().upload(new Uint32Array(4)), { uint: 1 }]);
  for (const sizes of [
    { global: [] },
    { global: [0] },
    { global: [1, 1, 1, 1] },
    { global: [1], local: [1, 1] },
    { global: [4], local: [0] },
  ]) {
    expect(() => run([{ kind: 'kernel', kernel, ...sizes }], { repeats: 1 })).toThrow(RangeError);
  }
});

/** Calls run() with what its types forbid. */
function run(commands: unknown, options: unknown): unknown {
  return Reflect.apply(device().queue.run, device().queue, [commands, options]);
}

test.each(['each', 'end'] as const)(
  'launches in queues of their own keep the order of the list, waiting at %s',
  async (wait) => {
    const log = device().own(device().context.createBuffer(400));
    const target = new Uint8Array(400);
    const kernel = await device().kernel(append, 'append');
    kernel.setArguments([log, { uint: 0 }]);
    const queues = [1, 2].map(() => device().own(device().context.createQueue()));
    const entry = (value: number, queue?: Queue): Command => {
      const change = [{ index: 1, value: { uint: value } }];
      return { kind: 'kernel', kernel, global: [1], arguments: change, ...(queue && { queue }) };
    };
    device().queue.write(log, new Uint8Array(400));
    const times = await device().queue.run(
      [
        entry(1, queues[0]),
        entry(2),
        entry(3, queues[1]),
        entry(4, queues[0]),
        { kind: 'read', buffer: log, target, bytes: 400 },
        entry(5, queues[1]),
      ],
      { repeats: 6, wait },
    );
    expect(times.deviceNs).toHaveLength(6);
    const six = Array<number[]>(6).fill([1, 2, 3, 4, 5]).flat();
    expect([...new Uint32Array(target.buffer, 0, 31)]).toEqual([29, ...six.slice(0, 29), 0]);
  },
);

test('a launch beside another waits for what that one waits for', async () => {
  const meet = `kernel void meet(global volatile uint* here, global volatile uint* there, global uint* met) {
    *here = 1;
    for (uint i = 0; i < 1u << 30 && !*met; i++) *met = *there;
  }`;
  const [first, second, metFirst, metSecond] = [1, 2, 3, 4].map(() =>
    device().own(device().context.createBuffer(4)),
  );
  const there = await device().kernel(meet, 'meet');
  const back = await device().kernel(meet, 'meet');
  there.setArguments([first!, second!, metFirst!]);
  back.setArguments([second!, first!, metSecond!]);
  const zero = new Uint8Array(4);
  const queue = device().own(device().context.createQueue());
  const met = new Uint8Array(2);
  // They meet only if both run at the same time.
  await device().queue.run(
    [
      { kind: 'write', buffer: first!, source: zero, bytes: 4 },
      { kind: 'write', buffer: second!, source: zero, bytes: 4 },
      { kind: 'write', buffer: metFirst!, source: zero, bytes: 4 },
      { kind: 'write', buffer: metSecond!, source: zero, bytes: 4 },
      { kind: 'kernel', kernel: there, global: [1] },
      { kind: 'kernel', kernel: back, global: [1], queue, beside: true },
      { kind: 'read', buffer: metFirst!, target: met, bytes: 1 },
      { kind: 'read', buffer: metSecond!, target: met, bytes: 1, offset: 1 },
    ],
    { repeats: 3 },
  );
  expect([...met]).toEqual([1, 1]);
});

test('a queue is in one run at a time, that of a launch too', async () => {
  const kernel = await device().kernel(append, 'append');
  const log = device().own(device().context.createBuffer(400));
  device().queue.write(log, new Uint8Array(400));
  kernel.setArguments([log, { uint: 0 }]);
  const queue = device().own(device().context.createQueue());
  const running = device().queue.run([{ kind: 'kernel', kernel, global: [1], queue }], { repeats: 20 });
  expect(() => queue.write(device().own(device().context.createBuffer(4)), new Uint8Array(4))).toThrow(
    'in a run',
  );
  await running;
  queue.release();
  const command: Command = { kind: 'kernel', kernel, global: [1], queue };
  expect(() => device().queue.run([command], { repeats: 1 })).toThrow(TypeError);
  const bare = device().own(device().context.createQueue({ profiling: false }));
  expect(() => device().queue.run([{ ...command, queue: bare }], { repeats: 1 })).toThrow('profiling');
});

test('a run with queues tells what of it has not ended', async () => {
  const wait = `kernel void wait(global volatile uint* go) {
    for (uint i = 0; i < 1u << 30 && !*go; i++);
  }`;
  const go = device().own(device().context.createBuffer(4));
  device().queue.write(go, new Uint8Array(4));
  const kernel = await device().kernel(wait, 'wait');
  kernel.setArguments([go]);
  const queue = device().own(device().context.createQueue());
  const target = new Uint8Array(4);
  const running = device().queue.run(
    [
      { kind: 'read', buffer: go, target, bytes: 4 },
      { kind: 'kernel', kernel, global: [1], queue },
      { kind: 'read', buffer: go, target, bytes: 4 },
    ],
    { repeats: 1 },
  );
  await vi.waitFor(() => expect(device().queue.unfinished()).toEqual([1, 2]));
  const other = device().own(device().context.createQueue());
  other.write(go, Uint8Array.of(1, 0, 0, 0));
  await running;
  expect(device().queue.unfinished()).toEqual([]);
});
