import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { HostEvent, JobSummary, RunPhase } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { describeError, type ErrorDescription, unreachable } from '../../core/errors';
import type { FailedRun, Run } from '../../core/session/schema';
import { useClient } from '../client';
import { type RunState, stateOf } from '../states';

/** One run of the job, as far as the host has told. */
export interface JobRun {
  index: number;
  state: RunState;
  deviceName: string;
  modelId: string;
  precision: string;
  batchSize: number;
  phase: RunPhase | null;
  detail: string | null;
  doneImages: number;
  totalImages: number;
  correctImages: number;
  /** Between the last two reports; null while that is not known. */
  imagesPerSecond: number | null;
  /** The sensor's last reading; null where there is none. */
  powerW: number | null;
  failure: FailedRun | null;
}

export interface JobStatus {
  jobId: string;
  sessionId: string | null;
  totalRuns: number;
  secondsLeft: number | null;
  /** No run goes on until the person continues. */
  paused: boolean;
  /** The run in progress goes on to its end, and none follows. */
  pausing: boolean;
  /** Null while it runs. */
  outcome: 'done' | 'cancelled' | 'failed' | null;
  error: ErrorDescription | null;
}

type Progress = Extract<HostEvent, { kind: 'run-progress' }>;

/** Reports that come faster than this are shown together. */
const SHOW_EVERY_MS = 100;
/** How much of a new rate goes into the shown one. */
const SMOOTHING = 0.3;

type Listener = (sessionId: string, run: Run) => void;

/** The job that runs now, or the last one that did: what is being done, and what became of each of its runs. */
export const useJob = defineStore('job', () => {
  const client = useClient();
  const status = shallowRef<JobStatus | null>(null);
  const runs = shallowRef<JobRun[]>([]);
  const starting = ref(false);
  const cancelling = ref(false);
  /** Why the last start or cancel was refused. */
  const refusal = shallowRef<ErrorDescription | null>(null);
  const finishedRunListeners: Listener[] = [];
  const endListeners: ((sessionId: string) => void)[] = [];

  const running = computed(() => status.value !== null && status.value.outcome === null);
  /** Jobs that wait for this one. */
  const waitingJobs = shallowRef<JobSummary[]>([]);
  /** The run that was heard of last; several take turns. */
  const lastIndex = ref(-1);
  const current = computed(() => {
    const atWork = runs.value.filter((run) => run.state === 'running');
    return atWork.find(({ index }) => index === lastIndex.value) ?? atWork[0] ?? null;
  });
  const endedRuns = computed(() => runs.value.filter((run) => run.state !== 'running').length);
  /** Share of the whole job that is done, by images. */
  const share = computed(() => {
    if (status.value === null || status.value.totalRuns === 0) return 0;
    const parts = runs.value
      .filter((run) => run.state === 'running' && run.totalImages > 0)
      .map((run) => run.doneImages / run.totalImages);
    return parts.reduce((sum, part) => sum + part, endedRuns.value) / status.value.totalRuns;
  });

  async function start(job: Job): Promise<string | null> {
    starting.value = true;
    refusal.value = null;
    try {
      const { sessionId } = await client.ask('startJob', job);
      return sessionId;
    } catch (thrown) {
      refusal.value = describeError(thrown);
      return null;
    } finally {
      starting.value = false;
    }
  }

  /** Asks something of a job; a refusal is shown. @returns whether the host agreed */
  async function order(
    channel: 'cancelJob' | 'pauseJob' | 'continueJob',
    jobId: string | undefined,
  ): Promise<boolean> {
    if (jobId === undefined) return false;
    try {
      await client.ask(channel, { jobId });
      return true;
    } catch (thrown) {
      refusal.value = describeError(thrown);
      return false;
    }
  }

  async function cancel(): Promise<void> {
    if (!running.value) return;
    cancelling.value = true;
    if (!(await order('cancelJob', status.value?.jobId))) cancelling.value = false;
  }

  /** After the run in progress, unless the device can stop before. */
  async function pause(): Promise<void> {
    if (await order('pauseJob', status.value?.jobId)) update({ pausing: true });
  }

  async function proceed(): Promise<void> {
    if (await order('continueJob', status.value?.jobId)) update({ pausing: false });
  }

  /** Goes on with a session whose job was interrupted. */
  async function resume(sessionId: string): Promise<boolean> {
    refusal.value = null;
    try {
      await client.ask('resumeSession', { sessionId });
      return true;
    } catch (thrown) {
      refusal.value = describeError(thrown);
      return false;
    }
  }

  /** What runs and waits already, such as after a reload of the page. */
  async function load(): Promise<void> {
    const jobs = await client.ask('listJobs', {});
    waitingJobs.value = jobs.filter(({ state }) => state === 'queued');
    const first = jobs.find(({ state }) => state !== 'queued');
    if (first === undefined) return;
    meet(first.jobId, first.sessionId, first.totalRuns);
    update({ paused: first.state === 'paused', pausing: first.state === 'pausing' });
  }

  /** Makes room for a job that this page has not heard of, such as one that began before a reload. */
  function meet(jobId: string, sessionId: string | null, totalRuns: number): void {
    if (status.value?.jobId === jobId) return;
    status.value = {
      jobId,
      sessionId,
      totalRuns,
      secondsLeft: null,
      paused: false,
      pausing: false,
      outcome: null,
      error: null,
    };
    runs.value = [];
    shownBefore.clear();
    cancelling.value = false;
  }

  function put(run: JobRun): void {
    runs.value = [...runs.value.filter((other) => other.index !== run.index), run].sort(
      (a, b) => a.index - b.index,
    );
  }

  function update(change: Partial<JobStatus>): void {
    if (status.value !== null) status.value = { ...status.value, ...change };
  }

  /** The latest report of each run that is not shown yet. */
  const unshown = new Map<number, Progress>();
  let shownAtMs = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function showProgress(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (unshown.size === 0) return;
    shownAtMs = performance.now();
    for (const event of unshown.values()) putProgress(event);
    unshown.clear();
  }

  function hearProgress(event: Progress): void {
    lastIndex.value = event.runIndex;
    unshown.set(event.runIndex, event);
    const early = shownAtMs + SHOW_EVERY_MS - performance.now();
    if (early <= 0) showProgress();
    else timer ??= setTimeout(showProgress, early);
  }

  /** When each run was shown last, for its rate. */
  const shownBefore = new Map<number, { atMs: number; doneImages: number }>();

  function rateOf({ runIndex, phase, doneImages }: Progress): number | null {
    const before = shownBefore.get(runIndex);
    const atMs = performance.now();
    if (phase === 'running') shownBefore.set(runIndex, { atMs, doneImages });
    const known = runs.value.find(({ index }) => index === runIndex)?.imagesPerSecond ?? null;
    if (before === undefined || doneImages <= before.doneImages || atMs <= before.atMs) return known;
    const rate = ((doneImages - before.doneImages) * 1000) / (atMs - before.atMs);
    return known === null ? rate : known + SMOOTHING * (rate - known);
  }

  function putProgress(event: Progress): void {
    meet(event.jobId, null, event.totalRuns);
    update({ secondsLeft: event.secondsLeft });
    const { runIndex: index, deviceName, modelId, precision, batchSize, phase } = event;
    const { doneImages, totalImages, correctImages, detail = null, powerW = null } = event;
    put({
      ...{ index, state: 'running', deviceName, modelId, precision, batchSize, phase, detail },
      ...{ doneImages, totalImages, correctImages, powerW, failure: null },
      imagesPerSecond: rateOf(event),
    });
  }

  function leaveQueue(jobId: string): void {
    waitingJobs.value = waitingJobs.value.filter((waiting) => waiting.jobId !== jobId);
  }

  function endJob({ jobId, sessionId, outcome, error }: Extract<HostEvent, { kind: 'job-finished' }>): void {
    leaveQueue(jobId);
    // One that was cancelled while it waited says nothing of the one that runs.
    if (jobId === status.value?.jobId) {
      update({ sessionId, outcome, error, secondsLeft: null });
      cancelling.value = false;
      runs.value = runs.value.map((run) => (run.state === 'running' ? { ...run, state: 'cancelled' } : run));
    }
    for (const listener of endListeners) listener(sessionId);
  }

  function hear(event: HostEvent): void {
    if (event.kind === 'run-progress') {
      hearProgress(event);
      return;
    }
    showProgress();
    switch (event.kind) {
      case 'job-queued': {
        const { kind: _, ...summary } = event;
        leaveQueue(summary.jobId);
        waitingJobs.value = [...waitingJobs.value, summary];
        return;
      }
      case 'job-started':
        leaveQueue(event.jobId);
        meet(event.jobId, event.sessionId, event.totalRuns);
        return;
      case 'run-finished': {
        const { run, runIndex: index } = event;
        update({ sessionId: event.sessionId });
        put({
          ...{ index, state: stateOf(run.verdict), deviceName: run.device.name, modelId: run.model.id },
          ...{ precision: run.precision, batchSize: run.batchSize, phase: null, detail: null },
          ...{ doneImages: run.accuracy.total, totalImages: run.accuracy.total },
          ...{ correctImages: run.accuracy.correct, failure: null },
          ...{ imagesPerSecond: (1000 * run.batchSize) / run.timing.endToEndMsPerBatch.median },
          powerW: run.energy?.kind === 'measured' ? run.energy.averageW : null,
        });
        for (const listener of finishedRunListeners) listener(event.sessionId, run);
        return;
      }
      case 'run-failed': {
        const { failure, runIndex: index } = event;
        const before = runs.value.find((run) => run.index === index);
        const { deviceName, modelId, precision, batchSize, finishedImages: doneImages } = failure;
        update({ sessionId: event.sessionId });
        put({
          ...{ index, state: failure.error.kind === 'cancelled' ? 'cancelled' : 'failed' },
          ...{ deviceName, modelId, precision, batchSize, phase: null, detail: null, doneImages, failure },
          ...{ totalImages: before?.totalImages ?? 0, correctImages: before?.correctImages ?? 0 },
          ...{ imagesPerSecond: null, powerW: null },
        });
        return;
      }
      case 'job-paused':
      case 'job-continued':
        if (event.jobId === status.value?.jobId) {
          update({ paused: event.kind === 'job-paused', pausing: false });
        }
        return;
      case 'job-finished':
        endJob(event);
        return;
      case 'calibration-progress':
        return;
      default:
        unreachable(event);
    }
  }

  return {
    status,
    runs,
    starting,
    cancelling,
    refusal,
    running,
    current,
    endedRuns,
    share,
    start,
    cancel,
    pause,
    proceed,
    resume,
    load,
    waitingJobs,
    cancelWaiting: (jobId: string) => order('cancelJob', jobId),
    hear,
    onRunFinished: (listener: Listener) => void finishedRunListeners.push(listener),
    onEnd: (listener: (sessionId: string) => void) => void endListeners.push(listener),
  };
});
