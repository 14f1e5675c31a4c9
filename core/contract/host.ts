/**
 * What a face (window, command line, browser) may ask of the host. The faces do not know which host
 * answers. Every request and answer crosses a process boundary, so all of it is plain data.
 */
import type { ErrorDescription } from '../errors';
import type { FpgaImageInfo } from '../fpga/image';
import type { Calibration } from '../network/model';
import type { Precision } from '../network/precision';
import type { Mode, Topology } from '../network/topology';
import type { LayerStatistics } from '../network/weightStatistics';
import type { SensorDescription } from '../power/readings';
import type { Clock } from '../report/figures/input';
import type { TextFormatName } from '../report/formatNames';
import type { DeviceRecord, FailedRun, Labelling, Run, SessionDocument } from '../session/schema';
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

/** How a device fares on this machine. */
export interface DeviceCondition {
  /** Its failures since it last worked; null where it had none. */
  failures: { count: number; lastAt: string; lastMessage: string } | null;
  /** It failed so often in a row that it is not used until the person says otherwise. */
  isSetAside: boolean;
  /** The power sensors that cover it and can be read. */
  sensors: Pick<SensorDescription, 'source' | 'scope'>[];
  /** Why a sensor that might be there cannot be read. */
  sensorAdvice: Advice[];
}

export interface DeviceListing {
  devices: DeviceInfo[];
  /** By device id. */
  conditions: Record<string, DeviceCondition>;
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
  /** Null where the model has no scales for the integer precisions. */
  calibration: Calibration | null;
  path: string;
}

/** A look into a model's numbers. */
export interface ModelInspection {
  modelId: string;
  layers: LayerStatistics[];
}

export interface ImportRequest {
  /** Of a file that the host can read: `.pt` or `.safetensors`, gzipped or not. */
  path: string;
  /** JSON description of the layers, for a network that is not one of the published two. */
  topologyPath: string | null;
  /** How it was trained, where the file does not tell. */
  mode: Mode | null;
}

/** One image of a test set, and the model and precision of a run that classified it. */
export interface LogitsRequest {
  modelSha256: string;
  precision: Precision;
  dataset: string;
  /** In the test set. */
  index: number;
}

export interface CalibrateRequest {
  modelId: string;
  deviceId: string;
  /** Training images. */
  images: number;
  seed: number;
}

/** The models of the user beside the bundled ones. */
export interface ModelShelf {
  import(request: ImportRequest): Promise<ModelInfo>;
  /** Sets an imported model aside, so that {@link restore} can bring it back. */
  delete(modelId: string): Promise<void>;
  restore(modelId: string): Promise<void>;
  /** Files among the imported models that cannot be read. */
  problems(): Promise<Advice[]>;
  inspect(modelId: string): Promise<ModelInspection>;
  /** By the reference operators, one number a class: what each device's logits are checked against. */
  logits(request: LogitsRequest): Promise<number[]>;
  /** Waits for running jobs. A bundled model is left as it is and calibrated in a copy. */
  calibrate(request: CalibrateRequest): Promise<ModelInfo>;
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
  tags: string[];
  note: string;
  createdAt: string;
  runs: number;
  failures: number;
  /** Names of what was measured, each once, to be searched. */
  devices: string[];
  models: string[];
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

export interface DeletedSession {
  id: string;
  name: string;
  deletedAt: string;
}

/** Images of a test set, to be looked at. */
export interface ImageStrip {
  width: number;
  height: number;
  /** 1 or 3. */
  channels: number;
  /** For each image [height][width][channels] bytes, in base 64. */
  pixels: string[];
}

export interface JobEstimate {
  /** Of all runs; null where one of them has no estimate. */
  seconds: number | null;
  /** Runs of which something like it was never measured on their device. */
  unknownRuns: number;
  /** Runs whose time was taken from another network's. */
  scaledRuns: number;
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
  | { kind: 'calibration-progress'; modelId: string; detail: string }
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

/** What a report is made of, and how its charts compare. */
export interface ReportRequest {
  /** At least one; the runs of several stand in one report. */
  sessionIds: string[];
  clock: Clock;
  /** Runs that others of their data set are compared with. */
  baselineIds: string[];
  /** Devices in the order of their colours; those that are not named come after them. */
  deviceIds: string[];
}

/** As much of a report as a page can show. */
export interface ReportPreview {
  text: string;
  /** Of the whole report. */
  bytes: number;
  /** Only the beginning is here. */
  cut: boolean;
}

export interface FigureRequest extends ReportRequest {
  figureId: string;
  /** The runs that it shows; null for all. */
  runIds: string[] | null;
}

export interface WorkbenchHost {
  listDevices(): Promise<DeviceListing>;
  listModels(): Promise<ModelInfo[]>;
  readonly models: ModelShelf;
  listDatasets(): Promise<DatasetInfo[]>;
  /** @param indices places in the test set */
  testImages(datasetId: string, indices: number[]): Promise<ImageStrip>;
  /** Uses a device again that was set aside. */
  restoreDevice(deviceId: string): Promise<void>;
  estimateJob(job: Job): Promise<JobEstimate>;
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
  /** Names, tags or annotates a session that no job writes to. */
  labelSession(sessionId: string, change: Partial<Labelling>): Promise<void>;
  /** Takes in a session document, or an HTML report that holds one. @returns its id here */
  importSession(path: string): Promise<string>;
  /** Takes in the session that comes with the program, unless it is here already. @returns its id here */
  openExample(): Promise<string>;
  /** Keeps several sessions as a new one. @returns its id */
  mergeSessions(sessionIds: string[], name: string): Promise<string>;
  /** Sets a session aside, so that {@link restoreSession} can bring it back. */
  deleteSession(sessionId: string): Promise<void>;
  restoreSession(sessionId: string): Promise<void>;
  listDeletedSessions(): Promise<DeletedSession[]>;
  listFpgaImages(): Promise<FpgaImageInfo[]>;
  /** Copies an .aocx or .xclbin into the library, with the manifest and the report beside it. */
  addFpgaImage(path: string): Promise<FpgaImageInfo>;
  removeFpgaImage(imageId: string): Promise<void>;
  /**
   * One figure of a report, as an SVG element.
   * @throws WorkbenchError `unknown-name` where the runs give no such figure
   */
  drawFigure(request: FigureRequest): Promise<string>;
  previewReport(request: ReportRequest & { format: TextFormatName }): Promise<ReportPreview>;
  /** Returns a function that stops the listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
}
