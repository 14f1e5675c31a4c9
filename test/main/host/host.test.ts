import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { predictedClasses } from '../../../core/evaluation/accuracy';
import { chooseImages } from '../../../core/evaluation/imageSelection';
import { lower } from '../../../core/network/lowering';
import { runPlan } from '../../../core/network/reference';
import { type FakeHost, fakeDriver, fakeHost, fakeJob } from './fakeHost';
import { fakeModel, fakeTestSet } from './fakeNetwork';
import { bundle, temporaryFolder } from './programs';

const { folder, remove } = temporaryFolder();
let script: string;
let sessions = 0;
let opened: FakeHost[] = [];

// Every run starts processes, and other tests run beside this file.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  script = bundle(join(__dirname, 'fakeDeviceProcess.ts'), folder);
});
afterAll(remove);
afterEach(async () => {
  for (const { host, running } of opened) {
    await host.close();
    await expect.poll(() => running.size, { timeout: 5000 }).toBe(0);
  }
  opened = [];
});

function newHost(...rest: Parameters<typeof fakeHost> extends [string, string, ...infer R] ? R : never) {
  const made = fakeHost(script, `${folder}/sessions-${sessions++}`, ...rest);
  opened.push(made);
  return made;
}

const rightAnswers = Array.from(predictedClasses(runPlan(lower(fakeModel), fakeTestSet.images, 100), 3)!);

describe('a job', () => {
  it('ends with the answers of the whole test set in its own order', async () => {
    const { host, events, runJob } = newHost();
    const { sessionId, outcome } = await runJob();
    expect(outcome).toBe('done');

    const session = await host.openSession(sessionId);
    expect(session.failures).toEqual([]);
    const [run] = session.runs;
    expect(run?.predictions).toEqual(rightAnswers);
    expect(run?.labels).toEqual(Array.from(fakeTestSet.labels));
    expect(run?.imageIndices).toBeNull();
    expect(run?.dataset).toMatchObject({ samples: 100, available: 100, seed: null });
    expect(run?.timing.endToEndMsPerBatch.samples).toHaveLength(Math.ceil(100 / 16));
    expect(session.command).toBe(
      'bnnw run --model fake-model --device opencl:fake:good --batch 16 --precision fp32 --seed 1',
    );

    const kinds = events.map((event) => event.kind);
    expect(kinds[0]).toBe('job-started');
    expect(kinds.slice(-2)).toEqual(['run-finished', 'job-finished']);
    expect(events).toContainEqual(expect.objectContaining({ phase: 'running', doneImages: 100 }));
  });

  it('draws the images of a short run by its seed', async () => {
    const { host, runJob } = newHost();
    const { sessionId } = await runJob({ samples: 10, seed: 7 });
    const [run] = (await host.openSession(sessionId)).runs;
    const indices = chooseImages(100, 10, 7)!;
    expect(run?.imageIndices).toEqual(indices);
    expect(run?.predictions).toEqual(indices.map((index) => rightAnswers[index]));
    expect(run?.verdict).toMatchObject({ valid: true, quick: true });
    const answers = await host.readAnswers(sessionId, [run!.id]);
    expect(answers).toEqual({
      [run!.id]: { imageIndices: indices, predictions: run!.predictions, labels: run!.labels },
    });
    await expect(host.readAnswers(sessionId, ['run-9'])).rejects.toMatchObject({ kind: 'unknown-name' });
  });

  it('runs every combination, one after another', async () => {
    const { host, runJob } = newHost();
    const { sessionId } = await runJob({ batchSizes: [10, 50], deviceIds: ['opencl:fake:good'] });
    const { runs } = await host.openSession(sessionId);
    expect(runs.map((run) => run.batchSize)).toEqual([10, 50]);
    expect(Date.parse(runs[1]!.startedAt)).toBeGreaterThanOrEqual(Date.parse(runs[0]!.finishedAt));
  });

  it('is refused with the nearest name where a name is unknown', async () => {
    const { host, runJob } = newHost();
    await expect(runJob({ models: ['fake-modle'] })).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining('fake-model'),
    });
    await expect(runJob({ deviceIds: ['opencl:fake:goood'] })).rejects.toMatchObject({
      kind: 'unknown-name',
      remedy: expect.stringContaining('opencl:fake:good'),
    });
    await expect(runJob({ samples: 0 })).rejects.toMatchObject({ kind: 'usage' });
    expect(await host.listSessions()).toEqual([]);
  });
});

describe('a failing device', () => {
  const patience = { conversation: { patienceMs: (message: unknown) => (message === null ? 30_000 : 4000) } };

  it.each([
    ['crash', 'device-lost', 32],
    ['hang', 'device-lost', 32],
    ['nan', 'wrong-answer', 0],
    ['wrong', 'wrong-answer', 0],
    ['unsupported', 'unsupported', 0],
    ['bug', 'bug', 0],
  ])('that does "%s" is recorded as %s, and the next run works', async (behaviour, kind, finishedImages) => {
    const { host, runJob } = newHost(patience);
    const { sessionId, outcome } = await runJob({
      deviceIds: [`opencl:fake:${behaviour}`, 'opencl:fake:good'],
    });
    expect(outcome).toBe('done');
    const { runs, failures } = await host.openSession(sessionId);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ deviceName: `Fake ${behaviour}`, error: { kind }, finishedImages });
    if (finishedImages > 0) {
      expect(failures[0]?.answers?.predictions).toEqual(rightAnswers.slice(0, finishedImages));
    }
    expect(runs.map((run) => run.device.id)).toEqual(['opencl:fake:good']);
  });

  it('that is killed from outside is told with the signal', async () => {
    const { host, events, running, runJob } = newHost();
    const finished = runJob({ deviceIds: ['opencl:fake:slow'] });
    await expect
      .poll(() => events.some((event) => 'phase' in event && event.doneImages > 0), { timeout: 10_000 })
      .toBe(true);
    for (const process of running) process.kill();
    const { sessionId } = await finished;
    const { failures } = await host.openSession(sessionId);
    expect(failures[0]?.error.message).toContain('SIGKILL');
    expect(failures[0]?.error.message).toContain('while running');
    expect(failures[0]?.finishedImages).toBeGreaterThan(0);
    expect((await runJob()).outcome).toBe('done');
  });
});

describe('cancelling', () => {
  it('ends after the batch in flight and keeps what is finished', async () => {
    const { host, events, runJob } = newHost();
    const finished = runJob({ deviceIds: ['opencl:fake:good', 'opencl:fake:slow', 'opencl:fake:good'] });
    await expect
      .poll(() => events.some((event) => 'phase' in event && event.runIndex === 1 && event.doneImages > 0), {
        timeout: 10_000,
      })
      .toBe(true);
    await host.cancelJob('job-1');
    const { sessionId, outcome } = await finished;
    expect(outcome).toBe('cancelled');
    const { runs, failures } = await host.openSession(sessionId);
    expect(runs).toHaveLength(1);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.error.kind).toBe('cancelled');
    expect(failures[0]?.answers?.predictions.length).toBe(failures[0]?.finishedImages);
  });

  it('kills a process that does not listen', async () => {
    const { host, events, runJob } = newHost({ conversation: { graceMs: 100 } });
    const finished = runJob({ deviceIds: ['opencl:fake:hang'] });
    await expect
      .poll(() => events.some((event) => 'phase' in event && event.doneImages === 32), { timeout: 10_000 })
      .toBe(true);
    await pause(500);
    await host.cancelJob('job-1');
    expect((await finished).outcome).toBe('cancelled');
  });
});

describe('pausing', () => {
  it('lets the run in progress end and starts the next one when it goes on', async () => {
    const { host, events, runJob } = newHost();
    const kinds = () => events.map(({ kind }) => kind).filter((kind) => kind !== 'run-progress');
    const finished = runJob({ batchSizes: [10, 50] });
    await expect.poll(kinds, { timeout: 20_000 }).toContain('job-started');
    await host.pauseJob('job-1');
    expect(await host.listJobs()).toMatchObject([{ jobId: 'job-1', state: 'pausing' }]);
    await expect.poll(kinds, { timeout: 20_000 }).toContain('job-paused');
    await pause(300);
    expect(kinds()).toEqual(['job-started', 'run-finished', 'job-paused']);
    await host.continueJob('job-1');
    expect((await finished).outcome).toBe('done');
    expect(kinds().slice(3)).toEqual(['job-continued', 'run-finished', 'job-finished']);
  });

  it('ends with a cancel, and leaves nobody waiting', async () => {
    const { host, events, runJob } = newHost();
    const finished = runJob({ batchSizes: [10, 50] });
    await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThan(0);
    await host.pauseJob('job-1');
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 20_000 }).toContain('job-paused');
    await host.cancelJob('job-1');
    const { outcome, sessionId } = await finished;
    expect(outcome).toBe('cancelled');
    expect((await host.openSession(sessionId)).runs).toHaveLength(1);
  });

  it('needs a job that runs', async () => {
    const { host } = newHost();
    for (const action of [host.pauseJob('job-1'), host.continueJob('job-1')]) {
      await expect(action).rejects.toMatchObject({ kind: 'unknown-name' });
    }
  });
});

describe('a job that waits for another one', () => {
  it('is listed, and can be cancelled before its turn', async () => {
    const { host, events, runJob } = newHost();
    void runJob({ batchSizes: [10] });
    await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThan(0);
    const { jobId, sessionId } = await host.startJob({ ...fakeJob, sessionName: 'Second' });
    const second = { jobId, sessionId, sessionName: 'Second', totalRuns: 1 };
    expect(events).toContainEqual({ kind: 'job-queued', ...second, state: 'queued' });
    expect(await host.listJobs()).toMatchObject([
      { jobId: 'job-1', state: 'running' },
      { ...second, state: 'queued' },
    ]);
    await host.cancelJob(jobId);
    expect(events.at(-1)).toMatchObject({ kind: 'job-finished', jobId, outcome: 'cancelled' });
    expect(await host.listJobs()).toHaveLength(1);
    await expect
      .poll(() => events.at(-1), { timeout: 20_000 })
      .toMatchObject({ kind: 'job-finished', jobId: 'job-1', outcome: 'done' });
    expect(events.filter((event) => event.kind === 'job-started')).toHaveLength(1);
    expect((await host.openSession(sessionId)).runs).toEqual([]);
  });
});

describe('resuming', () => {
  const resumed = async ({ host }: FakeHost, sessionId: string) => {
    const finished = new Promise((resolve) => {
      host.onEvent((event) => event.kind === 'job-finished' && resolve(event.outcome));
    });
    await host.resumeSession(sessionId);
    return finished;
  };

  it('runs what has not ended, and the run that was cut whole, in the same document', async () => {
    const made = newHost();
    const { host, events, runJob } = made;
    const job = runJob({
      deviceIds: ['opencl:fake:good', 'opencl:fake:bug', 'opencl:fake:slow', 'opencl:fake:nan'],
    });
    await expect
      .poll(() => events.some((event) => 'phase' in event && event.runIndex === 2 && event.doneImages > 0), {
        timeout: 20_000,
      })
      .toBe(true);
    await host.cancelJob('job-1');
    const { sessionId } = await job;
    expect(await host.listSessions()).toMatchObject([
      { interrupted: true, runsLeft: 2, runs: 1, failures: 2 },
    ]);
    const before = await host.openSession(sessionId);
    expect(before.failures[1]).toMatchObject({ cell: 2, error: { kind: 'cancelled' } });

    expect(await resumed(made, sessionId)).toBe('done');
    const after = await host.openSession(sessionId);
    expect(after.runs.map(({ cell }) => cell)).toEqual([0, 2]);
    expect(after.runs[0]).toEqual(before.runs[0]);
    expect(after.runs[1]?.predictions).toEqual(rightAnswers);
    expect(after.failures.map(({ cell, error }) => [cell, error.kind])).toEqual([
      [1, 'bug'],
      [3, 'wrong-answer'],
    ]);
    expect(await host.listSessions()).toMatchObject([{ interrupted: false, runsLeft: 0 }]);
    await expect(host.resumeSession(sessionId)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('is refused while the session is written', async () => {
    const { host, events, runJob } = newHost();
    const finished = runJob({ deviceIds: ['opencl:fake:slow'] });
    await expect.poll(() => events.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const [open] = await host.listSessions();
    await expect(host.resumeSession(open!.id)).rejects.toMatchObject({ kind: 'storage' });
    await host.cancelJob('job-1');
    await finished;
  });
});

describe('listing devices', () => {
  it('merges drivers, removes doubles, and tells why a driver shows none', async () => {
    const crashing = { ...fakeDriver, id: 'crashing', environment: { FAKE_DRIVER: 'crash' } };
    const { host } = newHost({ drivers: () => [fakeDriver, { ...fakeDriver, id: 'twin' }, crashing] });
    const { devices, advice } = await host.listDevices();
    expect(new Set(devices.map((device) => device.id)).size).toBe(devices.length);
    expect(devices).toHaveLength(9);
    expect(advice).toEqual([
      expect.objectContaining({ subject: 'crashing', problem: expect.stringContaining('SIGSEGV') }),
    ]);
  });

  it('asks the drivers of a process that crashes one by one, and names the culprit', async () => {
    const crash = { FAKE_DRIVER: 'crash' };
    const culprit = { ...fakeDriver, id: '/vendors/0.icd', environment: crash };
    const living = { ...fakeDriver, id: '/vendors/pocl.icd', environment: { FAKE_DRIVER: 'alone' } };
    const system = { ...fakeDriver, id: 'system', environment: crash, apart: [culprit, living] };
    const { host, runJob } = newHost({ drivers: () => [system] });
    const { devices, advice } = await host.listDevices();
    expect(devices).toHaveLength(9);
    expect(advice).toEqual([
      {
        subject: '/vendors/0.icd',
        problem: expect.stringContaining('SIGSEGV'),
        remedy: expect.stringMatching(/^Update or remove .*0\.icd/),
      },
    ]);
    // A device runs in the environment in which it was found.
    expect((await runJob()).outcome).toBe('done');
  });
});
