import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeError } from '../../core/errors';
import type { DeviceProvider } from '../../main/devices/device';
import { runOnDevice } from '../../main/host/deviceRun';
import { Turns } from '../../main/host/turns';
import type { liveHandles } from '../../native';
import { figure } from '../figures';
import { FakeDriver } from '../native/fakeDriver';
import { rightPredictions, trialModel, trialRequest, trialTestSet, withoutOverheads } from './faultTrial';

/** Of a run on a device that is not as it should be. */
const KINDS = ['device-failed', 'wrong-answer', 'unknown-name'];

// All faults that leave the process alive, one after another in this one: the next run must be right each time.
describe.runIf(process.platform === 'linux')('a driver whose Nth call fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-faults-'));
  const driver = new FakeDriver(join(__dirname, 'failingDriver.cc'));
  const tracePath = join(folder, 'trace');
  let provider: DeviceProvider;
  let handles: typeof liveHandles;
  let deviceId: string;
  /** The calls of a run from the list of devices to the last release, in order. */
  let calls: string[];

  beforeAll(async () => {
    if (process.env.BNNW_OPENCL_LOADER) process.env.BNNW_FAULT_LOADER = process.env.BNNW_OPENCL_LOADER;
    process.env.BNNW_OPENCL_LOADER = driver.library;
    process.env.BNNW_FAULT_TRACE = tracePath;
    process.env.BNNW_HOME = folder;
    handles = (await import('../../native')).liveHandles;
    provider = (await import('../../main/devices/opencl/provider')).openClProvider;
    deviceId = (await provider.list()).find(({ platform }) => platform === 'Portable Computing Language')!.id;
    // Twice: the second run finds its kernels in the cache, as all those after it do.
    await run();
    const before = readFileSync(tracePath, 'utf8').length;
    expect(await run()).toEqual(rightPredictions);
    calls = readFileSync(tracePath, 'utf8').slice(before).trim().split('\n');
  });
  afterAll(() => {
    delete process.env.BNNW_FAULT;
    driver.remove();
    rmSync(folder, { recursive: true });
  });

  /** @returns the predictions of a run that ended as it should */
  async function run(): Promise<number[]> {
    const predictions: number[] = [];
    const { signal } = new AbortController();
    const turns = new Turns(signal);
    turns.give({ kind: 'turn', leastMs: null, turns: false });
    turns.give({ kind: 'enough' });
    await runOnDevice(
      trialRequest(deviceId),
      withoutOverheads(provider),
      {
        loadModel: async () => trialModel,
        loadLatent: async () => null,
        loadTestSet: async () => trialTestSet,
      },
      (message) => {
        if (message.kind === 'chunk') predictions.push(...message.predictions);
      },
      signal,
      turns,
    );
    return predictions;
  }

  /** What a run with the fault came to. Only a right score or an error for a person is harmless. */
  async function suffer(fault: string): Promise<string> {
    process.env.BNNW_FAULT = fault;
    const before = handles();
    let outcome: string;
    try {
      const predictions = await run();
      outcome = String(predictions) === String(rightPredictions) ? 'right' : 'WRONG SCORE';
    } catch (thrown) {
      const { kind, details } = describeError(thrown);
      outcome = KINDS.includes(kind) ? kind : `UNEXPECTED ${details?.split('\n').slice(0, 2)}`;
    }
    const leaks = JSON.stringify(handles()) === JSON.stringify(before) ? '' : ', LEAKED HANDLES';
    return `${outcome}${leaks}`;
  }

  /** Each fault, and then a run without one. Prints how often what came about. */
  async function sufferAll(faults: string[]): Promise<void> {
    const counts: Record<string, number> = {};
    const harmful: string[] = [];
    for (const fault of faults) {
      const outcome = await suffer(fault);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (![...KINDS, 'right'].includes(outcome)) harmful.push(`${fault}: ${outcome}`);
    }
    figure(
      'OpenCL calls that fail',
      `${faults.length} faults in ${calls.length} calls: ${JSON.stringify(counts)}`,
    );
    expect(harmful).toEqual([]);
    delete process.env.BNNW_FAULT;
    expect(await run()).toEqual(rightPredictions);
    expect(handles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  }

  it('is told or does no harm, for every N with one code', async () => {
    await sufferAll(calls.map((_, n) => `one-${n} any ${n} -5`));
  });

  it('is told or does no harm, with every code once for each function', async () => {
    const codes = [...range(-1, -19), ...range(-30, -72), -1001, -9999];
    const functions = [...new Set(calls)];
    const faults = functions.flatMap((call) => codes.map((code) => `code${code} ${call} 0 ${code}`));
    await sufferAll(faults);
  });

  it('gives no wrong score, for every N from which it lies', async () => {
    await sufferAll(calls.map((_, n) => `lie-${n} any ${n} wrong`));
    // Alone, so that no other lie gives it away.
    for (const call of ['clEnqueueReadBuffer', 'clEnqueueWriteBuffer']) {
      const count = calls.filter((each) => each === call).length;
      await sufferAll(Array.from({ length: count }, (_, n) => `lie-${call}-${n} ${call} ${n} wrong`));
    }
  });

  it('gives no wrong score where one read or write goes wrong, for every N', async () => {
    // After it the device is as good as before: no later self-test can see it.
    for (const call of ['clEnqueueReadBuffer', 'clEnqueueWriteBuffer']) {
      const count = calls.filter((each) => each === call).length;
      await sufferAll(Array.from({ length: count }, (_, n) => `once-${call}-${n} ${call} ${n} once`));
    }
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: first - last + 1 }, (_, i) => first - i);
}
