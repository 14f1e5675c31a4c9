import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../core/contract/job';
import type { PowerSensor } from '../../../main/power/sensor';
import { typedInPower } from '../../../main/power/typedIn';
import { type FakeHost, fakeHost } from './fakeHost';
import { bundle, temporaryFolder } from './programs';

const { folder, remove } = temporaryFolder();
let script: string;
let made: FakeHost | null = null;
let sessions = 0;

// Every run starts a process, and other tests run beside this file.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  script = bundle(join(__dirname, 'fakeDeviceProcess.ts'), folder);
});
afterAll(remove);
afterEach(() => made?.host.close());

async function runOf(job: Partial<Job>, parts?: Parameters<typeof fakeHost>[2]) {
  made = fakeHost(script, `${folder}/sessions-${sessions++}`, parts);
  const { sessionId } = await made.runJob(job);
  const session = await made.host.openSession(sessionId);
  return { ...session, run: session.runs[0]! };
}

/** One that tells the same but for a milliwatt, as one that has not stalled. */
function sensorOf(watts: number): PowerSensor {
  const sensor = typedInPower(watts, 'wall');
  let readings = 0;
  return {
    ...sensor,
    description: { ...sensor.description, origin: 'sensor', source: 'fake sensor' },
    read: async (nowMs) => ({ atMs: nowMs, value: watts + (readings++ % 2) / 1000 }),
  };
}

describe('throughput', () => {
  it('repeats full batches until their median is stable, and tells the command that does it again', async () => {
    const { run, command } = await runOf({ scenario: 'throughput', quick: true });
    expect(run.scenario).toBe('throughput');
    // The test set alone has seven batches; the fake device always takes 1 ms.
    expect(run.timing.endToEndMsPerBatch.samples.length).toBeGreaterThanOrEqual(10);
    expect(run.predictions).toHaveLength(100);
    expect(run.verdict).toMatchObject({ valid: true, quick: true });
    expect(command).toMatch(/--scenario throughput --quick$/);
  });

  it('is no run where the device answers otherwise while it is timed', async () => {
    const { runs, failures } = await runOf({
      deviceIds: ['opencl:fake:fickle'],
      scenario: 'throughput',
      quick: true,
    });
    expect(runs).toEqual([]);
    expect(failures[0]?.error).toMatchObject({
      kind: 'wrong-answer',
      where: expect.stringMatching(/^test image/),
    });
  });
});

describe('runs that take turns', () => {
  it('have as many rounds each, with the answers and the times that they have alone', async () => {
    const { runs, failures } = await runOf({ scenario: 'throughput', quick: true, batchSizes: [16, 20] });
    expect(failures).toEqual([]);
    const [first, second] = runs;
    expect(runs.map(({ batchSize }) => batchSize)).toEqual([16, 20]);
    expect(first?.interleaving?.group).toBe(second?.interleaving?.group);
    expect(first?.interleaving?.batchesPerRound).toHaveLength(second!.interleaving!.batchesPerRound.length);
    expect(first?.predictions).toEqual(second?.predictions);
    for (const { timing, interleaving } of runs) {
      expect(timing.spans?.startMs).toHaveLength(interleaving!.batchesPerRound.length);
      expect(timing.endToEndMsPerBatch.samples.length).toBeGreaterThanOrEqual(10);
    }
    // A turn begins after the other run's has ended: the spans do not overlap.
    const spans = runs.flatMap(({ timing }) =>
      timing.spans!.startMs.map((start, i) => [start, timing.spans!.endMs[i]!]),
    );
    spans.sort(([a], [b]) => a! - b!);
    for (const [i, [start]] of spans.entries()) {
      if (i > 0) expect(start!).toBeGreaterThanOrEqual(spans[i - 1]![1]!);
    }
  });

  it('go on where one of them fails', async () => {
    const devices = ['opencl:fake:good', 'opencl:fake:fickle'];
    const { runs, failures } = await runOf({ deviceIds: devices, scenario: 'throughput', quick: true });
    expect(runs.map(({ device }) => device.name)).toEqual(['Fake good']);
    expect(failures.map(({ error }) => error.kind)).toEqual(['wrong-answer']);
  });

  it('end at once when they are cancelled, and so do their processes', async () => {
    made = fakeHost(script, `${folder}/sessions-${sessions++}`);
    const { host, running } = made;
    const job = { scenario: 'throughput', batchSizes: [16, 20, 25] } as const;
    const repeating = new Promise<void>((resolve) => {
      let told = 0;
      host.onEvent((event) => {
        const inTurns = event.kind === 'run-progress' && event.doneImages === event.totalImages;
        if (inTurns && event.totalImages > 0 && ++told === 20) resolve();
      });
    });
    const finished = made.runJob({ ...job, batchSizes: [16, 20, 25] });
    await repeating;
    const progress = made.events.find((event) => event.kind === 'run-progress');
    if (progress?.kind !== 'run-progress') throw new Error('nothing was told');
    await host.cancelJob(progress.jobId);
    const { sessionId } = await finished;
    const session = await host.openSession(sessionId);
    expect(session.runs).toEqual([]);
    expect(session.failures.map(({ error }) => error.kind)).toEqual(Array(3).fill('cancelled'));
    await vi.waitFor(() => expect(running.size).toBe(0));
  });

  it('that break together are one failure of their device', async () => {
    const job = { deviceIds: ['opencl:fake:fickle'], scenario: 'throughput', quick: true } as const;
    const { failures } = await runOf({ ...job, deviceIds: [...job.deviceIds], batchSizes: [16, 20, 25] });
    expect(failures).toHaveLength(3);
    expect((await made!.host.listDevices()).advice).toEqual([]);
  });

  it('can classify their test sets in turns too', async () => {
    const { runs } = await runOf({ batchSizes: [1, 2], interleave: true });
    expect(runs.map(({ accuracy }) => accuracy.total)).toEqual([100, 100]);
    for (const { interleaving } of runs) expect(interleaving?.batchesPerRound.length).toBeGreaterThan(5);
  });
});

describe('latency', () => {
  it('is that of one image at a time, whatever batch was asked for', async () => {
    const { run } = await runOf({ scenario: 'latency', batchSizes: [16, 32] });
    expect(run.batchSize).toBe(1);
    expect(run.timing.endToEndMsPerBatch.samples).toHaveLength(100);
    expect(run.verdict.reasons.join()).toContain('100 latencies');
  });
});

describe('the energy of a run', () => {
  it('is that of what was timed, by the sensor that covers the device, which is closed then', async () => {
    let closed = 0;
    const sensor = { ...typedInPower(20, 'wall'), close: () => void closed++ };
    const findSensors = async () => ({ sensors: [sensor], advice: [] });
    const { run } = await runOf({ deviceIds: ['opencl:fake:slow'] }, { findSensors });
    expect(closed).toBe(1);
    const { energy } = run;
    if (energy?.kind !== 'measured') throw new Error(energy?.reason);
    expect(energy).toMatchObject({ origin: 'typed-in', scope: 'wall' });
    for (const watts of [energy.averageW, energy.idleBeforeW, energy.idleAfterW])
      expect(watts).toBeCloseTo(20, 9);
    // Seven batches of 16 with 300 ms each; the last one is filled up.
    expect(energy.windowMs).toBeGreaterThanOrEqual(2100);
    expect(energy.joules).toBeCloseTo(0.02 * energy.windowMs, 6);
    expect(energy.joulesPerImage).toBeCloseTo(energy.joules / 112, 9);
  });

  it('of runs that take turns is that of each one, in a turn that is long enough for the sensor', async () => {
    const sensor = sensorOf(20);
    const findSensors = async () => ({ sensors: [sensor], advice: [] });
    const job = { scenario: 'throughput', quick: true, batchSizes: [16, 20] } as const;
    const { runs, failures } = await runOf({ ...job, batchSizes: [16, 20] }, { findSensors });
    expect(failures).toEqual([]);
    expect(runs).toHaveLength(2);
    for (const { energy, batchSize, interleaving, timing } of runs) {
      if (energy?.kind !== 'measured') throw new Error(energy?.reason);
      expect(energy.averageW).toBeCloseTo(20, 2);
      // 40 of its periods; the turns of 20 ms before it are too short for it and are left out.
      expect(energy.windowMs).toBeGreaterThanOrEqual(40 * 25);
      const last = timing.spans!.endMs.at(-1)! - timing.spans!.startMs.at(-1)!;
      expect(energy.windowMs).toBe(last);
      const images = batchSize * interleaving!.batchesPerRound.at(-1)!;
      expect(energy.joulesPerImage).toBeCloseTo(energy.joules / images, 9);
    }
  });

  it('with a power that was typed in needs no length', async () => {
    const power = { kind: 'typed-in', watts: 20, scope: 'wall' } as const;
    const { run } = await runOf({ power });
    if (run.energy?.kind !== 'measured') throw new Error(run.energy?.reason);
    expect(run.energy.joules).toBeCloseTo(0.02 * run.energy.windowMs, 9);
    expect(run.energy.uncertaintyJ).toBe(0);
  });

  it('is not measured where a run is too short for the sensor, or has none', async () => {
    const findSensors = async () => ({ sensors: [sensorOf(20)], advice: [] });
    const short = await runOf({}, { findSensors });
    expect(short.run.energy).toMatchObject({
      kind: 'not measured',
      reason: expect.stringContaining('the run took'),
    });
    const none = await runOf({});
    expect(none.run.energy).toEqual({ kind: 'not measured', reason: 'There is no sensor for this device.' });
  });

  it('is not looked for any longer when the run fails', async () => {
    let closed = 0;
    const sensor = { ...typedInPower(20, 'wall'), close: () => void closed++ };
    const findSensors = async () => ({ sensors: [sensor], advice: [] });
    const { failures } = await runOf({ deviceIds: ['opencl:fake:wrong'] }, { findSensors });
    expect([failures.length, closed]).toEqual([1, 1]);
  });
});

describe('a meter', () => {
  it('whose log is written while a run is made gives its energy', async () => {
    const path = `${folder}/meter.csv`;
    writeFileSync(path, 'time,watts\n');
    // Its clock is a second ahead, and it tells 20 W ten times a second.
    const tick = () => appendFileSync(path, `${Date.now() + 1000},20\n`);
    tick();
    await new Promise((resolve) => setTimeout(resolve, 100));
    tick();
    const meter = setInterval(tick, 100);
    try {
      const power = { kind: 'meter-log', path, scope: 'wall', clockAheadMs: 1000 } as const;
      const { run } = await runOf({ deviceIds: ['opencl:fake:slow'], power });
      if (run.energy?.kind !== 'measured') throw new Error(run.energy?.reason);
      expect(run.energy).toMatchObject({ origin: 'meter-log', scope: 'wall', source: 'meter log meter.csv' });
      expect(run.energy.averageW).toBeCloseTo(20, 6);
      expect(run.power?.watts.every((watts) => watts === 20)).toBe(true);
    } finally {
      clearInterval(meter);
    }
  });

  it('whose log cannot be read is told before a session is opened', async () => {
    made = fakeHost(script, `${folder}/sessions-${sessions++}`);
    const power = { kind: 'meter-log', path: `${folder}/none.csv`, scope: 'wall', clockAheadMs: 0 } as const;
    await expect(made.runJob({ power })).rejects.toMatchObject({ kind: 'refused-file', where: power.path });
    expect(await made.host.listSessions()).toEqual([]);
  });
});

it('a run says what measuring it costs', async () => {
  const { run } = await runOf({});
  expect(run.timing.overhead?.nullDeviceUsPerBatch).toBeGreaterThanOrEqual(0);
  expect(run.timing.overhead).toMatchObject({ deviceClockStepNs: null, profilingRatio: null });
});

it('a run says under which circumstances it was made', async () => {
  const { run } = await runOf({});
  expect(run.circumstances?.clockStepNs).toBeGreaterThan(0);
  expect(run.circumstances?.freeMemoryBytes).toBeGreaterThan(0);
});
