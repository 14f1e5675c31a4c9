/**
 * What a device process says to its host, changed at random: a driver may write into its memory. Whatever it says, its
 * run alone is lost; the others are right, the job ends, and the session can be read.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import { runPlan } from '../../core/network/reference';
import { serveHost } from '../../main/host/deviceServer';
import type { DeviceProcess, DeviceProcessLauncher } from '../../main/host/launcher';
import { SessionStore } from '../../main/host/sessionStore';
import { figure } from '../figures';
import { fakeHost } from '../main/host/fakeHost';
import { fakeModel, fakeTestSet } from '../main/host/fakeNetwork';
import { fakeSources } from '../main/host/fakeSources';
import { testRandom } from '../random';

const LIES = process.env.BNNW_TEST_LONG ? 200 : 50;
vi.setConfig({ testTimeout: 60 * 60_000, hookTimeout: 60_000 });
const random = testRandom('device process');
const folder = mkdtempSync(join(tmpdir(), 'bnnw-lies-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rightAnswers = Array.from(predictedClasses(runPlan(lower(fakeModel), fakeTestSet.images, 100), 3)!);

type Lie = (message: Record<string, unknown>, index: number) => unknown[];
const honest: Lie = (message) => [message];

/** A device process inside this one. It lies in the first run that it is asked for. */
function liar(lie: Lie): DeviceProcessLauncher {
  let runs = 0;
  return (): DeviceProcess => {
    let toProcess: (message: unknown) => void = () => undefined;
    let toHost: (message: unknown) => void = () => undefined;
    let isAlive = true;
    let sent = 0;
    let says = honest;
    const post = (message: unknown) => {
      for (const each of says(structuredClone(message as Record<string, unknown>), sent++)) {
        setImmediate(() => isAlive && toHost(each));
      }
    };
    serveHost({ post, onMessage: (listener) => (toProcess = listener) }, fakeSources);
    return {
      post: (message) => {
        if ((message as { kind: string }).kind === 'run' && runs++ === 0) says = lie;
        setImmediate(() => isAlive && toProcess(structuredClone(message)));
      },
      onMessage: (listener) => {
        toHost = listener;
      },
      onExit: () => undefined,
      kill: () => {
        isAlive = false;
      },
      output: () => '',
    };
  };
}

let folders = 0;

/** A job of two runs, of which the first one is lied about. */
async function jobWith(lie: Lie) {
  const root = join(folder, String(folders++));
  const conversation = { patienceMs: () => 1000, graceMs: 100 };
  const { host, runJob } = fakeHost('', root, { launch: liar(lie), conversation });
  await host.listDevices();
  const finished = await runJob({ batchSizes: [25, 20] });
  await host.close();
  const session = await new SessionStore(root).open(finished.sessionId);
  rmSync(root, { recursive: true });
  return { finished, session };
}

const ODD: unknown[] = [
  undefined,
  null,
  -1,
  0,
  1,
  1.5,
  7,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  'x'.repeat(2 ** 21),
  [],
  {},
  [0],
  true,
];

/** Changes one value somewhere in it. */
function spoil(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || random.below(4) === 0) {
    return ODD[random.below(ODD.length)];
  }
  if (value instanceof Uint32Array || value instanceof Float64Array) {
    const list = spoil([...value]);
    if (!Array.isArray(list)) return list;
    return value instanceof Uint32Array ? Uint32Array.from(list, Number) : Float64Array.from(list, Number);
  }
  const keys = Object.keys(value);
  const key = keys[random.below(Math.max(1, keys.length))];
  if (key === undefined) return ODD[random.below(ODD.length)];
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    switch (random.below(3)) {
      case 0:
        return list.slice(0, random.below(list.length));
      case 1:
        return [...list, ...list];
      default:
        list[Number(key)] = spoil(list[Number(key)]);
        return list;
    }
  }
  const record: Record<string, unknown> = { ...value };
  record[key] = spoil(record[key]);
  return record;
}

/** Something in place of one message. The kind stays, most times, so that the schema is passed more often. */
function drawLie(): Lie {
  const at = random.below(16);
  const act = random.below(5);
  return (message, index) => {
    if (index !== at) return [message];
    switch (act) {
      case 0:
        return [message, message];
      case 1:
        return [{ kind: 'finished' }];
      case 2:
        return [spoil(message)];
      default: {
        const { kind, ...rest } = message;
        return [{ ...(spoil(rest) as object), kind }];
      }
    }
  };
}

it('an honest one has both runs right', async () => {
  const { finished, session } = await jobWith(honest);
  expect(finished.outcome).toBe('done');
  expect(session.runs.map(({ predictions }) => predictions)).toEqual([rightAnswers, rightAnswers]);
});

it.each<[string, Lie]>([
  [
    'more answers than images',
    (message) =>
      message.kind === 'chunk'
        ? [message, { ...message, predictions: Uint32Array.of(1, ...rightAnswers) }]
        : [message],
  ],
  [
    'the end before the answers',
    (message) => (message.kind === 'yielded' ? [message, { kind: 'finished' }] : [message]),
  ],
  [
    'other numbers of images in two places',
    (message) =>
      message.kind === 'ready'
        ? [{ ...message, dataset: { ...(message.dataset as object), samples: 5 } }]
        : [message],
  ],
  [
    'another device',
    (message) =>
      message.kind === 'ready'
        ? [{ ...message, device: { ...(message.device as object), id: 'opencl:fake:wrong' } }]
        : [message],
  ],
  ['that it is ready, twice', (message) => (message.kind === 'ready' ? [message, message] : [message])],
  ['turns without end', (message) => (message.kind === 'chunk' ? [] : [{ ...message, satisfied: false }])],
  [
    'a name without end',
    (message) =>
      message.kind === 'ready'
        ? [{ ...message, device: { ...(message.device as object), name: 'x'.repeat(2 ** 24) } }]
        : [message],
  ],
])('a process that tells %s loses its run and no other', async (_, lie) => {
  const { finished, session } = await jobWith(lie);
  expect(finished).toMatchObject({ outcome: 'done', error: null });
  expect(session.failures).toMatchObject([{ batchSize: 25, error: { kind: 'device-lost' } }]);
  expect(session.runs.map(({ batchSize, predictions }) => [batchSize, predictions])).toEqual([
    [20, rightAnswers],
  ]);
});

it('a failure whose text has no end can be read again', async () => {
  const long = 'x'.repeat(2 ** 27);
  const { session } = await jobWith((message) =>
    message.kind === 'ready'
      ? [{ kind: 'failed', error: { kind: 'bug', message: long, where: long, remedy: long, details: long } }]
      : [message],
  );
  expect(session.failures).toHaveLength(1);
  expect(session.failures[0]?.error.details?.length).toBeLessThan(2 ** 20);
});

it(`a process that lies somehow, ${LIES} times, harms at most its run`, async () => {
  const outcomes: Record<string, number> = {};
  for (let i = 0; i < LIES; i++) {
    const { finished, session } = await jobWith(drawLie());
    expect(finished).toMatchObject({ outcome: 'done', error: null });
    expect(session.runs.length + session.failures.length).toBe(2);
    expect(session.runs.at(-1)).toMatchObject({ batchSize: 20, predictions: rightAnswers });
    const outcome = session.failures[0]?.error.kind ?? 'as it should be';
    expect(outcome).not.toBe('bug');
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  figure('lies of a device process', `${LIES} jobs: ${JSON.stringify(outcomes)}`);
});
