/** The host of the desktop program and of the command line: devices, models, data, jobs and sessions. */
import type {
  Advice,
  DatasetInfo,
  DeviceInfo,
  DeviceListing,
  HostEvent,
  JobSummary,
  ModelInfo,
  SessionSummary,
  WorkbenchHost,
} from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { deviceLabel } from '../../core/report/deviceLabel';
import { REPORT_FORMATS, type ReportFormatName } from '../../core/report/formats';
import type { SessionDocument, SessionPlan } from '../../core/session/schema';
import { unfinishedCells } from '../../core/session/unfinished';
import { answersOf, type RunAnswers } from '../../core/session/view';
import type { TuningReport } from '../devices/device';
import type { SensorSearch } from '../power/sensor';
import { type CalibratedModel, calibrateModel } from './calibration';
import type { ConversationOptions } from './conversation';
import { askDrivers, type Driver, type DriverAnswer, type FoundDevice, mergeDevices } from './deviceListing';
import { cellsOf, checkDataset, checkJob, withWholePaths } from './jobCells';
import { commandOf } from './jobCommand';
import { JobQueue } from './jobQueue';
import type { Cell } from './jobRun';
import type { DeviceProcessLauncher } from './launcher';
import type { CalibrationRequest, TuningRequest } from './protocol';
import { describeMachine, describeProgram } from './provenance';
import type { Quarantine } from './quarantine';
import type { SessionStore } from './sessionStore';
import { tuneModel } from './tuning';

export interface HostParts {
  launch: DeviceProcessLauncher;
  store: SessionStore;
  quarantine: Quarantine;
  drivers(): Driver[];
  /** What to say about drivers that show no device. */
  advise(answers: DriverAnswer[]): Advice[];
  listModels(): Promise<ModelInfo[]>;
  listDatasets(): Promise<DatasetInfo[]>;
  /** The sensors that cover a device; none where it is left out. */
  findSensors?(device: DeviceInfo): Promise<SensorSearch>;
  /** Shorter in tests. */
  conversation?: Pick<ConversationOptions, 'patienceMs' | 'graceMs'>;
}

export class Host implements WorkbenchHost {
  private readonly listeners = new Set<(event: HostEvent) => void>();
  /** The devices of the last listing. */
  private found: FoundDevice[] = [];
  private readonly jobs: JobQueue;

  constructor(private readonly parts: HostParts) {
    const { launch, quarantine, conversation } = parts;
    const { findSensors = async () => ({ sensors: [], advice: [] }) } = parts;
    this.jobs = new JobQueue({ launch, quarantine, conversation, findSensors }, (event) => this.emit(event));
  }

  async listDevices(): Promise<DeviceListing> {
    const answers = await askDrivers(this.parts.launch, this.parts.drivers());
    this.found = mergeDevices(answers);
    const devices = this.found.map(({ info }) => info);
    const setAside = await this.parts.quarantine.advice(devices);
    return { devices, advice: [...setAside, ...this.parts.advise(answers)] };
  }

  /**
   * Lets a device run again that was set aside after failures.
   * @throws WorkbenchError `unknown-name` where nothing is held against it, `storage`
   */
  async restoreDevice(deviceId: string): Promise<void> {
    if (await this.parts.quarantine.restore(deviceId)) return;
    throw new WorkbenchError('unknown-name', `No failure of a device ${deviceId} is kept.`, {
      where: deviceId,
      remedy: 'See `bnnw devices` for those that are set aside.',
    });
  }

  listModels(): Promise<ModelInfo[]> {
    return this.parts.listModels();
  }

  listDatasets(): Promise<DatasetInfo[]> {
    return this.parts.listDatasets();
  }

  async startJob(request: Job): Promise<{ jobId: string; sessionId: string }> {
    const { job, cells, plan } = await this.planned(request);
    const writer = await this.parts.store.create({
      name: job.sessionName ?? sessionName(cells),
      createdAt: new Date().toISOString(),
      program: await describeProgram(),
      machine: describeMachine(),
      command: commandOf(job),
      plan,
    });
    return this.jobs.add(cells, writer);
  }

  async resumeSession(sessionId: string): Promise<{ jobId: string; sessionId: string }> {
    const session = await this.openSession(sessionId);
    if (session.plan === undefined || unfinishedCells(session).length === 0) {
      throw new WorkbenchError('usage', 'Nothing of this session is left to run.', {
        where: sessionId,
        remedy: 'Start its runs anew: `bnnw rerun` repeats them.',
      });
    }
    const { cells } = await this.planned(session.plan.job);
    if (cells.length !== session.plan.runs) {
      throw new WorkbenchError('unsupported', 'This version would not run what the session planned.', {
        where: sessionId,
        remedy: 'Resume it with the version that began it, or start its runs anew.',
      });
    }
    const writer = await this.parts.store.resume(sessionId);
    // Another program may have gone on with it since it was read.
    const left = new Set(unfinishedCells(writer.document()));
    const cellsLeft = cells.filter(({ index }) => left.has(index));
    return this.jobs.add(cellsLeft, writer);
  }

  async listJobs(): Promise<JobSummary[]> {
    return this.jobs.list();
  }

  async cancelJob(jobId: string): Promise<void> {
    await this.jobs.cancel(jobId);
  }

  async pauseJob(jobId: string): Promise<void> {
    this.jobs.pause(jobId);
  }

  async continueJob(jobId: string): Promise<void> {
    this.jobs.continue(jobId);
  }

  /** See {@link calibrateModel}; the device is one of the last listing. */
  calibrate(request: CalibrationRequest, onDetail: (detail: string) => void): Promise<CalibratedModel> {
    const device = this.found.find(({ info }) => info.id === request.deviceId);
    if (!device) throw new WorkbenchError('unknown-name', `There is no device ${request.deviceId}.`);
    const { launch, conversation } = this.parts;
    return calibrateModel(launch, device, request, onDetail, conversation);
  }

  /** See {@link tuneModel}; the device is one of the last listing. */
  async tune(request: TuningRequest): Promise<TuningReport> {
    const device = this.found.find(({ info }) => info.id === request.deviceId);
    if (!device) throw new WorkbenchError('unknown-name', `There is no device ${request.deviceId}.`);
    const { launch, conversation } = this.parts;
    return tuneModel(launch, device, request, conversation);
  }

  get sessionsFolder(): string {
    return this.parts.store.folder;
  }

  /** Where a session's document lies, or will. */
  sessionPath(sessionId: string): string {
    return this.parts.store.documentPath(sessionId);
  }

  /** Whether sessions can be written. */
  canStore(): Promise<boolean> {
    return this.parts.store.isWritable();
  }

  listSessions(): Promise<SessionSummary[]> {
    return this.parts.store.list();
  }

  openSession(sessionId: string): Promise<SessionDocument> {
    return this.parts.store.open(sessionId);
  }

  async readAnswers(sessionId: string, runIds: readonly string[]): Promise<Record<string, RunAnswers>> {
    const { runs } = await this.openSession(sessionId);
    const byId = new Map(runs.map((run) => [run.id, run]));
    return Object.fromEntries(
      runIds.map((runId) => {
        const run = byId.get(runId);
        if (run) return [runId, answersOf(run)];
        throw new WorkbenchError('unknown-name', `The session has no run ${runId}.`, { where: sessionId });
      }),
    );
  }

  deleteSession(sessionId: string): Promise<void> {
    return this.parts.store.delete(sessionId);
  }

  async renderReport(sessionId: string, format: ReportFormatName): Promise<string> {
    return REPORT_FORMATS[format].render(await this.openSession(sessionId));
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Cancels every job and returns when their sessions are closed. */
  close(): Promise<void> {
    return this.jobs.close();
  }

  /** Checks a request against what is here and gives its runs. */
  private async planned(request: Job): Promise<{ job: Job; plan: SessionPlan; cells: Cell[] }> {
    const job = checkJob(request);
    const known = (id: string) => this.found.some(({ info }) => info.id === id);
    if (!job.deviceIds.every(known)) await this.listDevices();
    const models = await this.listModels();
    const datasets = await this.listDatasets();
    checkDataset(job, datasets, models);
    const cells = cellsOf(job, this.found, models);
    return { job, cells, plan: { job: withWholePaths(job, datasets, models), runs: cells.length } };
  }

  private emit(event: HostEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (thrown) {
        // A mistake of a face must surface, and must not become the failure of a run.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}

function sessionName(cells: Cell[]): string {
  const devices = [...new Set(cells.map(({ device }) => deviceLabel(device.info)))];
  const models = [...new Set(cells.map(({ modelId }) => modelId))];
  const what = models.length > 2 ? `${models.length} models` : models.join(', ');
  return `${what} on ${devices.join(', ')}`.slice(0, 200);
}
