import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelInfo } from '../../core/contract/host';
import type { SessionDocument } from '../../core/session/schema';
import type { Driver } from '../../main/host/deviceListing';
import { figure } from '../figures';
import { type FakeHost, fakeHost } from '../main/host/fakeHost';
import { fakeModelInfo } from '../main/host/fakeNetwork';
import { bundle, programFolder, temporaryFolder } from '../main/host/programs';
import { FakeDriver } from '../native/fakeDriver';
import { rightPredictions, trialModel } from './faultTrial';

/** Every Nth call; in the long run every one. */
const STRIDE = process.env.BNNW_TEST_LONG ? 1 : 40;
/** Runs that wait for a hanging one at the same time. */
const TOGETHER = 8;

const modelInfo: ModelInfo = { ...fakeModelInfo, id: trialModel.id, network: trialModel.topology };

/** How many calls a process made that wrote them here. */
const callsIn = (trace: string) => readFileSync(trace, 'utf8').trim().split('\n').length;

// Faults that take the device process with them: the host must go on, and say what happened.
describe.runIf(process.platform === 'linux')('a device process whose driver at the Nth call', () => {
  const { folder, remove } = temporaryFolder();
  const driver = new FakeDriver(join(__dirname, 'failingDriver.cc'));
  const programs = programFolder();
  const tracePath = join(folder, 'trace');
  let script: string;
  let deviceId: string;
  let calls: number;
  let hosts = 0;

  const environment = {
    BNNW_OPENCL_LOADER: driver.library,
    BNNW_HOME: folder,
    ...(process.env.BNNW_OPENCL_LOADER ? { BNNW_FAULT_LOADER: process.env.BNNW_OPENCL_LOADER } : {}),
  };

  /** A host whose runs suffer the fault; its list of devices does not. */
  async function hostWith(fault: Record<string, string>, patienceMs = 60_000): Promise<FakeHost> {
    const suffering: Driver = { id: 'failing', provider: 'opencl', environment: { ...environment } };
    const made = fakeHost(script, join(folder, `sessions-${hosts++}`), {
      drivers: () => [suffering],
      listModels: async () => [modelInfo],
      conversation: { patienceMs: (message) => (message === null ? 60_000 : patienceMs) },
    });
    const { devices } = await made.host.listDevices();
    deviceId = devices.find(({ platform }) => platform === 'Portable Computing Language')!.id;
    Object.assign(suffering.environment, fault);
    return made;
  }

  async function runOn({ host, runJob }: FakeHost): Promise<SessionDocument> {
    const job = { deviceIds: [deviceId], models: [trialModel.id], batchSizes: [4] };
    const { sessionId, outcome } = await runJob(job);
    expect(outcome).toBe('done');
    return host.openSession(sessionId);
  }

  async function end({ host, running }: FakeHost): Promise<void> {
    await host.close();
    await vi.waitFor(() => expect(running.size).toBe(0), { timeout: 10_000 });
  }

  beforeAll(async () => {
    script = bundle(join(__dirname, 'failingDeviceProcess.ts'), programs.folder);
    // The second run finds its kernels in the cache, as all those after it do.
    const traces: Record<string, string>[] = [{}, { BNNW_FAULT_TRACE: tracePath }];
    for (const trace of traces) {
      const good = await hostWith(trace);
      const session = await runOn(good);
      expect(session.failures).toEqual([]);
      expect(session.runs[0]?.predictions).toEqual(rightPredictions);
      await end(good);
    }
    calls = callsIn(tracePath);
  });
  afterAll(() => {
    driver.remove();
    remove();
    programs.remove();
  });

  /**
   * The run is lost, or ends as it should where it comes to fewer calls: on a busy machine a slow batch warms up
   * alone. @returns whether it was lost
   */
  async function suffers(n: number, action: 'crash' | 'hang', patienceMs?: number): Promise<boolean> {
    const trace = join(folder, `${action}-${n}`);
    const fault = { BNNW_FAULT: `${action}-${n} any ${n} ${action}`, BNNW_FAULT_TRACE: trace };
    const made = await hostWith(fault, patienceMs);
    const { runs, failures } = await runOn(made);
    // The list of devices is asked of a process of its own, which this fault would take with it as well.
    await end(made);
    if (runs.length > 0) {
      expect(callsIn(trace), `${action} at ${n}`).toBeLessThanOrEqual(n);
      expect(runs[0]?.predictions).toEqual(rightPredictions);
      return false;
    }
    expect(failures, `${action} at ${n}`).toMatchObject([{ error: { kind: 'device-lost' } }]);
    const answers = failures[0]?.answers?.predictions ?? [];
    expect(answers).toEqual(rightPredictions?.slice(0, answers.length));
    return true;
  }

  const places = () => Array.from({ length: Math.ceil(calls / STRIDE) }, (_, i) => i * STRIDE);

  function report(action: string, lost: boolean[]): void {
    const count = lost.filter(Boolean).length;
    const rest = lost.length - count;
    const unreached = rest === 0 ? '' : `; ${rest} runs were right before they came to it`;
    figure(`OpenCL calls that ${action}`, `${count} of the ${calls} of a run${unreached}`);
    expect(count).toBeGreaterThan(0);
  }

  it('crashes is told as lost, with what it had answered, and no score', async () => {
    const lost: boolean[] = [];
    for (const n of places()) lost.push(await suffers(n, 'crash'));
    report('crash', lost);
  });

  it('sleeps for ever is killed and told as lost', async () => {
    const waiting = places();
    const lost: boolean[] = [];
    while (waiting.length > 0) {
      const together = waiting.splice(0, TOGETHER);
      lost.push(...(await Promise.all(together.map((n) => suffers(n, 'hang', 8000)))));
    }
    report('hang', lost);
  });

  it('failed leaves the next run as good as any', async () => {
    const made = await hostWith({ BNNW_FAULT: 'once any 100 crash' });
    expect((await runOn(made)).runs).toEqual([]);
    await end(made);
    const next = await hostWith({});
    expect((await runOn(next)).runs[0]?.predictions).toEqual(rightPredictions);
    await end(next);
  });
});
