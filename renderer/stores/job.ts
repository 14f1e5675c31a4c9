import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { HostEvent, RunPhase } from '../../core/contract/host';
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
  failure: FailedRun | null;
}

export interface JobStatus {
  jobId: string;
  sessionId: string | null;
  totalRuns: number;
  secondsLeft: number | null;
  /** No run goes on until the person continues. */
  paused: boolean;
  /** Null while it runs. */
  outcome: 'done' | 'cancelled' | 'failed' | null;
  error: ErrorDescription | null;
}

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
  const current = computed(() => runs.value.find((run) => run.state === 'running') ?? null);
  const endedRuns = computed(() => runs.value.filter((run) => run.state !== 'running').length);
  /** Share of the whole job that is done, by images. */
  const share = computed(() => {
    if (status.value === null || status.value.totalRuns === 0) return 0;
    const run = current.value;
    const part = run !== null && run.totalImages > 0 ? run.doneImages / run.totalImages : 0;
    return (endedRuns.value + part) / status.value.totalRuns;
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

  async function cancel(): Promise<void> {
    if (status.value === null || !running.value) return;
    cancelling.value = true;
    try {
      await client.ask('cancelJob', { jobId: status.value.jobId });
    } catch (thrown) {
      cancelling.value = false;
      refusal.value = describeError(thrown);
    }
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
      outcome: null,
      error: null,
    };
    runs.value = [];
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

  function hear(event: HostEvent): void {
    switch (event.kind) {
      case 'job-queued':
        return;
      case 'job-started':
        meet(event.jobId, event.sessionId, event.totalRuns);
        return;
      case 'run-progress': {
        meet(event.jobId, null, event.totalRuns);
        update({ secondsLeft: event.secondsLeft });
        const { runIndex: index, deviceName, modelId, precision, batchSize, phase } = event;
        const { doneImages, totalImages, correctImages, detail = null } = event;
        put({
          ...{ index, state: 'running', deviceName, modelId, precision, batchSize, phase, detail },
          ...{ doneImages, totalImages, correctImages, failure: null },
        });
        return;
      }
      case 'run-finished': {
        const { run, runIndex: index } = event;
        update({ sessionId: event.sessionId });
        put({
          ...{ index, state: stateOf(run.verdict), deviceName: run.device.name, modelId: run.model.id },
          ...{ precision: run.precision, batchSize: run.batchSize, phase: null, detail: null },
          ...{ doneImages: run.accuracy.total, totalImages: run.accuracy.total },
          ...{ correctImages: run.accuracy.correct, failure: null },
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
        });
        return;
      }
      case 'job-paused':
      case 'job-continued':
        update({ paused: event.kind === 'job-paused' });
        return;
      case 'job-finished':
        update({ sessionId: event.sessionId, outcome: event.outcome, error: event.error, secondsLeft: null });
        cancelling.value = false;
        runs.value = runs.value.map((run) =>
          run.state === 'running' ? { ...run, state: 'cancelled' } : run,
        );
        for (const listener of endListeners) listener(event.sessionId);
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
    hear,
    onRunFinished: (listener: Listener) => void finishedRunListeners.push(listener),
    onEnd: (listener: (sessionId: string) => void) => void endListeners.push(listener),
  };
});
