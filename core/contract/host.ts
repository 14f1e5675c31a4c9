/**
 * What a face (window, command line, browser) may ask of the host. The faces do not know which host
 * answers. Every request and answer crosses a process boundary, so all of it is plain data.
 */
import type { ErrorDescription } from '../errors';
import type { Mode, Topology } from '../network/topology';
import type { DeviceRecord, FailedRun, Run, SessionDocument } from '../session/schema';
import type { RunAnswers } from '../session/view';
import type { Job } from './job';

export interface DeviceInfo extends DeviceRecord {
  memoryBytes: number;
  computeUnits: number;
  /** Precisions that this device can run for a binarized model. */
  precisions: string[];
  /** Everything else that the driver tells, for the inspector: name and value. */
  details: Record<string, string>;
}

/** A driver that is installed but shows no device, or something that can be added. */
export interface Advice {
  subject: string;
  problem: string;
  remedy: string;
}

export interface DeviceListing {
  devices: DeviceInfo[];
  advice: Advice[];
}

export interface ModelInfo {
  id: string;
  mode: Mode;
  dataset: string | null;
  topology: string;
  /** Its layers, for a look inside. */
  network: Topology;
  parameters: number;
  binaryParameters: number;
  fileBytes: number;
  sha256: string;
  bundled: boolean;
  description: string;
}

export interface DatasetInfo {
  id: string;
  name: string;
  testImages: number;
  /** Whether it lies on this machine already. */
  present: boolean;
}

export interface SessionSummary {
  id: string;
  name: string;
  createdAt: string;
  runs: number;
  failures: number;
  /** A job is still writing to it. */
  open: boolean;
  /** Not open, and runs of its plan have not ended: it can be resumed. */
  interrupted: boolean;
  /** Runs of its plan that have not ended. */
  runsLeft: number;
  path: string;
  /** Why it cannot be read; runs and failures are 0 then. Absent where it can. */
  problem?: string;
}

/** A job that has not ended. */
export interface JobSummary {
  jobId: string;
  sessionId: string;
  sessionName: string;
  totalRuns: number;
  /** `pausing`: the run in progress goes on to its end, and none follows. */
  state: 'queued' | 'running' | 'pausing' | 'paused';
}

/** What is being done now, in the words shown to a person. */
export type RunPhase =
  | 'fetching data'
  | 'loading model'
  | 'building kernels'
  | 'loading weights'
  | 'self-test'
  | 'warming up'
  | 'running';

export type HostEvent =
  /** It waits for the jobs before it. */
  | ({ kind: 'job-queued' } & JobSummary)
  | { kind: 'job-started'; jobId: string; sessionId: string; totalRuns: number }
  | {
      kind: 'run-progress';
      jobId: string;
      runIndex: number;
      totalRuns: number;
      deviceName: string;
      modelId: string;
      precision: string;
      batchSize: number;
      phase: RunPhase;
      /** More on the phase, such as what is being fetched and how much of it is there. */
      detail?: string;
      doneImages: number;
      totalImages: number;
      correctImages: number;
      /** The last reading of the device's sensor, watts; absent where there is none. */
      powerW?: number;
      /** Estimated for the whole job; null while nothing is known. */
      secondsLeft: number | null;
    }
  | { kind: 'run-finished'; jobId: string; sessionId: string; runIndex: number; run: Run }
  | { kind: 'run-failed'; jobId: string; sessionId: string; runIndex: number; failure: FailedRun }
  /** No run goes on now; the one in progress when the pause was asked for has ended. */
  | { kind: 'job-paused'; jobId: string }
  | { kind: 'job-continued'; jobId: string }
  | {
      kind: 'job-finished';
      jobId: string;
      sessionId: string;
      outcome: 'done' | 'cancelled' | 'failed';
      error: ErrorDescription | null;
    };

export interface WorkbenchHost {
  listDevices(): Promise<DeviceListing>;
  listModels(): Promise<ModelInfo[]>;
  listDatasets(): Promise<DatasetInfo[]>;
  /** Checks the job, opens a session and starts; progress arrives as events. */
  startJob(job: Job): Promise<{ jobId: string; sessionId: string }>;
  /** Those that have not ended, in the order in which they run. */
  listJobs(): Promise<JobSummary[]>;
  /** Ends the job after the batch in flight; what is finished is kept. */
  cancelJob(jobId: string): Promise<void>;
  /**
   * Lets the run in progress end and starts no other; `job-paused` tells when that is so. What is timed is never
   * held up in the middle.
   */
  pauseJob(jobId: string): Promise<void>;
  continueJob(jobId: string): Promise<void>;
  /**
   * Goes on with an interrupted or cancelled session: a new job runs, in the same document, what has not ended. A
   * run that was cut off in the middle is run again whole; one that failed has ended.
   */
  resumeSession(sessionId: string): Promise<{ jobId: string; sessionId: string }>;
  listSessions(): Promise<SessionSummary[]>;
  openSession(sessionId: string): Promise<SessionDocument>;
  /**
   * What the named runs of a session answered, image by image, by their ids.
   * @throws WorkbenchError `unknown-name` where it has no such run
   */
  readAnswers(sessionId: string, runIds: readonly string[]): Promise<Record<string, RunAnswers>>;
  deleteSession(sessionId: string): Promise<void>;
  /** The text of a report. */
  renderReport(sessionId: string, format: 'json' | 'csv' | 'markdown'): Promise<string>;
  /** Returns a function that stops the listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
}
