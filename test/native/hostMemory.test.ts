import { expect, test } from 'vitest';
import { liveHandles } from '../../native';
import { testRandom } from '../random';
import { deviceForEachTest } from './openDevice';

const device = deviceForEachTest();
const random = testRandom('native host memory');
const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => random.uint32() & 255);

test('what is written is read back, also in part', () => {
  const memory = device().own(device().context.createHostMemory(100));
  expect(memory.bytes).toBe(100);
  const written = randomBytes(100);
  memory.write(written);
  memory.write(Uint8Array.of(1, 2), 50);
  const part = new Uint8Array(4);
  memory.read(part, 49);
  expect([...part]).toEqual([written[49], 1, 2, written[52]]);
});

test('copies outside of it are refused, and a size that is none', () => {
  const { context } = device();
  const memory = device().own(context.createHostMemory(16));
  expect(() => memory.write(new Uint8Array(17))).toThrow(RangeError);
  expect(() => memory.write(new Uint8Array(16), 1)).toThrow('16 bytes at offset 1 do not fit into 16');
  expect(() => memory.read(new Uint8Array(1), 16)).toThrow(RangeError);
  expect(() => context.createHostMemory(0)).toThrow(RangeError);
});

test('a run copies from and to it, from another place at each repeat', async () => {
  const { context, queue } = device();
  const [source, target] = [
    device().own(context.createHostMemory(12)),
    device().own(context.createHostMemory(12)),
  ];
  const buffer = device().own(context.createBuffer(4));
  const written = randomBytes(12);
  source.write(written);
  await queue.run(
    [
      { kind: 'write', buffer, source, bytes: 4, stride: 4 },
      { kind: 'read', buffer, target, bytes: 4, stride: 4 },
    ],
    { repeats: 3 },
  );
  const read = new Uint8Array(12);
  target.read(read);
  expect(read).toEqual(written);
  expect(() => queue.run([{ kind: 'write', buffer, source, bytes: 4, stride: 4 }], { repeats: 4 })).toThrow(
    RangeError,
  );
});

test.each(['each', 'end'] as const)(
  'transfers in queues of their own keep the order of the list, waiting for %s',
  async (wait) => {
    const { context, queue } = device();
    const [up, down] = [device().own(context.createQueue()), device().own(context.createQueue())];
    const buffers = [
      device().own(context.createBuffer(1 << 16)),
      device().own(context.createBuffer(1 << 16)),
    ];
    const sources = [randomBytes(1 << 16), randomBytes(1 << 16)];
    const targets = [new Uint8Array(1 << 16), new Uint8Array(1 << 16)];
    // As in a pipeline: while one buffer is read, the other is written; the next step waits for both.
    const step = (k: number) =>
      [
        { kind: 'write', buffer: buffers[k]!, source: sources[k]!, bytes: 1 << 16, queue: up },
        {
          kind: 'read',
          buffer: buffers[1 - k]!,
          target: targets[1 - k]!,
          bytes: 1 << 16,
          queue: down,
          beside: true,
        },
      ] as const;
    await queue.run([...step(0), ...step(1)], { repeats: 300, wait });
    expect(targets[0]).toEqual(sources[0]);
    await queue.run([{ kind: 'read', buffer: buffers[1]!, target: targets[1]!, bytes: 1 << 16 }], {
      repeats: 1,
    });
    expect(targets[1]).toEqual(sources[1]);
  },
);

test('it gives everything back, once, and is of no use then', () => {
  const { context } = device();
  const before = liveHandles();
  const memory = context.createHostMemory(16);
  expect(liveHandles()).toEqual({ ...before, buffers: before.buffers + 1, queues: before.queues + 1 });
  memory.release();
  memory.release();
  expect(liveHandles()).toEqual(before);
  expect(() => memory.write(new Uint8Array(1))).toThrow('the HostMemory is released');
  const kind = { kind: 'write', buffer: device().own(device().context.createBuffer(16)), bytes: 16 } as const;
  expect(() => device().queue.run([{ ...kind, source: memory }], { repeats: 1 })).toThrow(TypeError);
});
