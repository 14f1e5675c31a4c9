import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../core/contract/job';
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

  it('is not measured where a run is too short for the sensor, or has none', async () => {
    const findSensors = async () => ({ sensors: [typedInPower(20, 'wall')], advice: [] });
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
