/** Kernels that wait for each other or never end: a named error in its time, and a program that goes on. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Driver } from '../../main/host/deviceListing';
import { emulatorEnvironment } from '../kernels/fpga/emulator';
import { type FakeHost, fakeHost } from '../main/host/fakeHost';
import { fakeModelInfo } from '../main/host/fakeNetwork';
import { bundle, programFolder, temporaryFolder } from '../main/host/programs';
import { rightPredictions, trialModel } from './fpgaTrial';

const emulator = emulatorEnvironment();
const modelInfo = { ...fakeModelInfo, id: trialModel.id, network: trialModel.topology };

describe.skipIf(!emulator)('FPGA kernels in the emulator', () => {
  const { folder, remove } = temporaryFolder();
  const programs = programFolder();
  let script: string;
  let hosts = 0;

  beforeAll(() => {
    script = bundle(join(__dirname, 'fpgaTrialProcess.ts'), programs.folder);
  });
  afterAll(() => {
    remove();
    programs.remove();
  });

  async function run(environment: Record<string, string>, made: FakeHost, driver: Driver) {
    driver.environment = { ...emulator, BNNW_HOME: folder, ...environment };
    const { devices } = await made.host.listDevices();
    const [device] = devices;
    expect(device?.type).toBe('fpga-emulator');
    const job = { deviceIds: [device!.id], models: [trialModel.id], batchSizes: [4] };
    const { sessionId } = await made.runJob({ ...job, precisions: ['a4'] });
    return made.host.openSession(sessionId);
  }

  async function withHost(use: (made: FakeHost, driver: Driver) => Promise<void>) {
    const driver: Driver = { id: 'fpga-emulator', provider: 'opencl', environment: {} };
    const made = fakeHost(script, join(folder, `sessions-${hosts++}`), {
      drivers: () => [driver],
      listModels: async () => [modelInfo],
    });
    await use(made, driver);
    await made.host.close();
    await vi.waitFor(() => expect(made.running.size).toBe(0), { timeout: 10_000 });
  }

  it.each(['one-after-another', 'at-once'])('answer as the reference does, %s', async (schedule) => {
    await withHost(async (made, driver) => {
      const session = await run({ BNNW_FPGA_SCHEDULE: schedule }, made, driver);
      expect(session.failures).toEqual([]);
      expect(session.runs[0]?.predictions).toEqual(rightPredictions);
      expect(session.runs[0]?.kernels.variant).toContain(schedule.replaceAll('-', ' '));
    });
  });

  it.each(['deadlock', 'endless'])(
    'that %s are told within their time, and the next run is good',
    async (spoil) => {
      await withHost(async (made, driver) => {
        const session = await run({ BNNW_SPOIL: spoil, BNNW_FPGA_SCHEDULE: 'at-once' }, made, driver);
        expect(session.runs).toEqual([]);
        expect(session.failures[0]?.error).toMatchObject({
          kind: 'device-failed',
          message: 'The kernels did not end within 3 s',
        });
        const next = await run({}, made, driver);
        expect(next.runs[0]?.predictions).toEqual(rightPredictions);
      });
    },
  );

  it('that multiply wrongly are not timed', async () => {
    await withHost(async (made, driver) => {
      const session = await run({ BNNW_SPOIL: 'wrong' }, made, driver);
      expect(session.failures[0]?.error.kind).toBe('wrong-answer');
    });
  });
});
