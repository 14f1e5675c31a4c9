import { expect, it } from 'vitest';
import { converse } from '../../../main/host/conversation';
import type { DeviceProcess } from '../../../main/host/launcher';

/** A process that says what a test tells it to. */
function scripted(...messages: unknown[]) {
  const posted: unknown[] = [];
  let kills = 0;
  const process: DeviceProcess = {
    post: (message) => void posted.push(message),
    onMessage: (listener) => queueMicrotask(() => messages.forEach(listener)),
    onExit: () => undefined,
    kill: () => {
      kills++;
    },
    output: () => 'the last words',
  };
  return { launch: () => process, posted, kills: () => kills };
}

const list = { kind: 'list', provider: 'opencl' } as const;

it('gives the messages and kills the process', async () => {
  const { launch, posted, kills } = scripted({ kind: 'listed', devices: [] });
  const messages = [];
  for await (const message of converse(launch, {}, list, { subject: 'driver' })) messages.push(message);
  expect(messages).toEqual([{ kind: 'listed', devices: [] }]);
  expect(posted).toEqual([list]);
  expect(kills()).toBe(1);
});

it.each([
  [{ kind: 'something' }],
  [null],
  [{ kind: 'listed', devices: [{ id: 1 }] }],
  [{ kind: 'chunk', predictions: [0.5], deviceMs: null, endToEndMs: new Float64Array(1), expectedMs: 1 }],
  [
    {
      ...{ kind: 'chunk', predictions: new Uint32Array(1), deviceMs: null, expectedMs: 1 },
      endToEndMs: Float64Array.of(Number.NaN),
    },
  ],
])('takes nonsense for the loss of the device: %j', async (message) => {
  const { launch, kills } = scripted(message);
  const talk = converse(launch, {}, list, { subject: 'driver' });
  await expect(talk.next()).rejects.toMatchObject({
    kind: 'device-lost',
    message: expect.stringContaining('nonsense'),
    details: 'the last words',
  });
  expect(kills()).toBe(1);
});

it('says what a silent process was doing', async () => {
  const phase = { kind: 'phase', phase: 'building kernels', detail: null, expectedMs: null };
  const { launch, kills } = scripted(phase);
  const talk = converse(launch, {}, list, { subject: 'driver', patienceMs: () => 50 });
  await talk.next();
  await expect(talk.next()).rejects.toMatchObject({
    kind: 'device-lost',
    message: expect.stringContaining('building kernels'),
  });
  expect(kills()).toBe(1);
});

it('does not take its own being stopped, as by Ctrl+Z, for the silence of the process', async () => {
  const { launch } = scripted();
  const process: DeviceProcess = {
    ...launch(),
    // What arrives in a pipe is read after the timers that are due.
    onMessage: (listener) =>
      void setTimeout(() => setImmediate(() => listener({ kind: 'listed', devices: [] })), 50),
  };
  const talk = converse(() => process, {}, list, { subject: 'driver', patienceMs: () => 200 });
  const answer = talk.next();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  expect((await answer).value).toEqual({ kind: 'listed', devices: [] });
});

it('kills the process of a consumer that leaves', async () => {
  const phase = { kind: 'phase', phase: 'running', detail: null, expectedMs: 1 };
  const { launch, kills } = scripted(phase, phase);
  for await (const message of converse(launch, {}, list, { subject: 'driver' })) {
    expect(message.kind).toBe('phase');
    break;
  }
  expect(kills()).toBe(1);
});
