/** The host of the desktop program and of the command line: devices, models, data, jobs and sessions. */
import { join } from 'node:path';
import type {
  Advice,
  DatasetInfo,
  DeletedSession,
  DeviceCondition,
  DeviceInfo,
  DeviceListing,
  FigureRequest,
  HostEvent,
  ImageStrip,
  JobEstimate,
  JobSummary,
  ModelInfo,
  ReportPreview,
  ReportRequest,
  SessionSummary,
  WorkbenchHost,
} from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import type { FpgaImageInfo } from '../../core/fpga/image';
import { deviceLabel } from '../../core/report/deviceLabel';
import type { ReportFormatName, TextFormatName } from '../../core/report/formatNames';
import { mergeSessions } from '../../core/session/merge';
import type { Labelling, SessionDocument, SessionPlan } from '../../core/session/schema';
import { unfinishedCells } from '../../core/session/unfinished';
import { answersOf, type RunAnswers } from '../../core/session/view';
import { applicationRoot } from '../applicationRoot';
import type { TuningReport } from '../devices/device';
import type { ImageLibrary } from '../fpga/imageLibrary';
import { givenSensor } from '../power/given';
import type { SensorSearch } from '../power/sensor';
import { drawOneFigure, type PdfPrinter, renderPreview, renderReport } from '../report/index';
import { type CalibratedModel, calibrateModel } from './calibration';
import type { ConversationOptions } from './conversation';
import { askDrivers, type Driver, type DriverAnswer, type FoundDevice, mergeDevices } from './deviceListing';
import { cellsOf, checkDataset, checkJob, checkSampling, withWholePaths } from './jobCells';
import { commandOf } from './jobCommand';
import { estimateJob } from './jobEstimate';
import { JobQueue } from './jobQueue';
import type { Cell } from './jobRun';
import type { DeviceProcessLauncher } from './launcher';
import { ModelLibrary } from './modelLibrary';
import type { CalibrationRequest, TuningRequest } from './protocol';
import { describeMachine, describeProgram } from './provenance';
import type { Quarantine } from './quarantine';
import { readSessionFile } from './sessionFile';
import type { SessionStore } from './sessionStore';
import { testImages } from './testImages';
import { tuneModel } from './tuning';

export interface HostParts {
  launch: DeviceProcessLauncher;
  store: SessionStore;
  quarantine: Quarantine;
  drivers(): Driver[];
  /** What to say about drivers that show no device. */
  advise(answers: DriverAnswer[]): Advice[];
  /** The bundled ones. */
  listModels(): Promise<ModelInfo[]>;
  /** Where imported models lie. */
  modelsFolder: string;
  listDatasets(): Promise<DatasetInfo[]>;
  /** The user's FPGA images. */
  images: ImageLibrary;
  /** The sensors that cover a device; none where it is left out. */
  findSensors?(device: DeviceInfo): Promise<SensorSearch>;
  /** Absent where nothing can print. */
  printPdf?: PdfPrinter;
  /** Shorter in tests. */
  conversation?: Pick<ConversationOptions, 'patienceMs' | 'graceMs'>;
}

/** A job that was checked, with everything that it names. */
interface PlannedJob {
  job: Job;
  plan: SessionPlan;
  cells: Cell[];
  models: ModelInfo[];
  datasets: DatasetInfo[];
}

/** Characters of a report that a page is given to look at. */
const MOST_PREVIEWED = 200_000;

async function noPrinter(): Promise<never> {
  throw new WorkbenchError('usage', 'A PDF is printed by Electron, which is not at hand here.', {
    remedy: 'Write an HTML report and print it from a browser.',
  });
}

async function merged(sessions: readonly SessionDocument[], name: string): Promise<SessionDocument> {
  const header = { id: '', name, createdAt: new Date().toISOString(), program: await describeProgram() };
  return mergeSessions(sessions, header);
}

/** Sessions as one report has them. */
async function asOne(sessions: readonly SessionDocument[]): Promise<SessionDocument> {
  const [first] = sessions;
  if (first !== undefined && sessions.length === 1) return first;
  return merged(sessions, sessions.map(({ name }) => name).join(' and '));
}

export class Host implements WorkbenchHost {
  private readonly listeners = new Set<(event: HostEvent) => void>();
  /** The devices of the last listing. */
  private found: FoundDevice[] = [];
  private readonly jobs: JobQueue;

  readonly models: ModelLibrary;

  constructor(private readonly parts: HostParts) {
    const { launch, quarantine, conversation } = parts;
    const { findSensors = async () => ({ sensors: [], advice: [] }) } = parts;
    this.jobs = new JobQueue({ launch, quarantine, conversation, findSensors }, (event) => this.emit(event));
    this.models = new ModelLibrary({
      folder: parts.modelsFolder,
      launch,
      conversation,
      listBundled: () => parts.listModels(),
      calibrate: (request, onDetail) => this.jobs.after(() => this.calibrate(request, onDetail)),
      onCalibrating: (modelId, detail) => this.emit({ kind: 'calibration-progress', modelId, detail }),
    });
  }

  async listDevices(): Promise<DeviceListing> {
    const answers = await this.findDevices();
    const devices = this.found.map(({ info }) => info);
    const setAside = await this.parts.quarantine.advice(devices);
    const doubts = await this.doubtfulDevices();
    const conditions = await Promise.all(
      devices.map(async (device) => [device.id, await this.conditionOf(device)] as const),
    );
    return {
      devices,
      conditions: Object.fromEntries(conditions),
      advice: [...doubts, ...setAside, ...this.parts.advise(answers)],
    };
  }

  private async findDevices(): Promise<DriverAnswer[]> {
    const answers = await askDrivers(this.parts.launch, this.parts.drivers());
    this.found = mergeDevices(answers);
    return answers;
  }

  private async conditionOf(device: DeviceInfo): Promise<DeviceCondition> {
    const found = (await this.parts.findSensors?.(device)) ?? { sensors: [], advice: [] };
    const sensors = found.sensors.map(({ description: { source, scope } }) => ({ source, scope }));
    for (const sensor of found.sensors) sensor.close();
    return { ...(await this.parts.quarantine.health(device.id)), sensors, sensorAdvice: found.advice };
  }

  /** Why a device may run although it was set aside. */
  doubtfulDevices(): Promise<Advice[]> {
    return this.parts.quarantine.doubts();
  }

  /**
   * Lets a device run again that was set aside after failures.
   * @throws WorkbenchError `unknown-name` where nothing is held against it, `storage`
   */
  async restoreDevice(deviceId: string): Promise<void> {
    if (await this.parts.quarantine.restore(deviceId)) return;
    throw new WorkbenchError('unknown-name', `No failure of a device ${deviceId} is kept.`, {
      where: deviceId,
      remedy: 'See `npx bnnw devices` for those that are set aside.',
    });
  }

  listModels(): Promise<ModelInfo[]> {
    return this.models.list();
  }

  listDatasets(): Promise<DatasetInfo[]> {
    return this.parts.listDatasets();
  }

  testImages(datasetId: string, indices: number[]): Promise<ImageStrip> {
    return testImages(datasetId, indices);
  }

  async estimateJob(request: Job): Promise<JobEstimate> {
    const { job, cells, models, datasets } = await this.planned(request);
    return estimateJob(job, cells, models, datasets, await this.parts.store.pastRuns());
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
    return this.jobs.add(job, cells, writer);
  }

  async resumeSession(sessionId: string): Promise<{ jobId: string; sessionId: string }> {
    const session = await this.openSession(sessionId);
    if (session.plan === undefined || unfinishedCells(session).length === 0) {
      throw new WorkbenchError('usage', 'Nothing of this session is left to run.', {
        where: sessionId,
        remedy: 'Start its runs anew: `npx bnnw rerun` repeats them.',
      });
    }
    const { job, cells } = await this.planned(session.plan.job);
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
    return this.jobs.add(job, cellsLeft, writer);
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

  listFpgaImages(): Promise<FpgaImageInfo[]> {
    return this.parts.images.list();
  }

  addFpgaImage(path: string): Promise<FpgaImageInfo> {
    return this.parts.images.add(path);
  }

  removeFpgaImage(imageId: string): Promise<void> {
    return this.parts.images.remove(imageId);
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

  restoreSession(sessionId: string): Promise<void> {
    return this.parts.store.restore(sessionId);
  }

  listDeletedSessions(): Promise<DeletedSession[]> {
    return this.parts.store.listDeleted();
  }

  labelSession(sessionId: string, change: Partial<Labelling>): Promise<void> {
    return this.parts.store.label(sessionId, change);
  }

  async openExample(): Promise<string> {
    const example = await readSessionFile(join(applicationRoot(), 'assets', 'example', 'session.json'));
    const known = await this.listSessions();
    return known.some(({ id }) => id === example.id) ? example.id : this.parts.store.adopt(example);
  }

  async importSession(path: string): Promise<string> {
    return this.parts.store.adopt(await readSessionFile(path));
  }

  async mergeSessions(sessionIds: string[], name: string): Promise<string> {
    const sessions = [];
    for (const id of sessionIds) sessions.push(await this.openSession(id));
    return this.parts.store.adopt(await merged(sessions, name));
  }

  /**
   * A report as its file holds it: bytes for PDF, else text.
   * @throws WorkbenchError `unknown-name`, `usage`, also where there is nothing that prints PDF
   */
  async renderReport(
    { sessionIds, ...options }: ReportRequest,
    format: ReportFormatName,
  ): Promise<string | Uint8Array> {
    return renderReport(await this.openAll(sessionIds), options, format, this.printPdf);
  }

  /** As {@link renderReport}, of sessions that may come from anywhere. */
  async renderReportOf(
    sessions: readonly SessionDocument[],
    options: Omit<ReportRequest, 'sessionIds'>,
    format: ReportFormatName,
  ): Promise<string | Uint8Array> {
    return renderReport(await asOne(sessions), options, format, this.printPdf);
  }

  async previewReport({
    sessionIds,
    format,
    ...options
  }: ReportRequest & { format: TextFormatName }): Promise<ReportPreview> {
    const text = await renderPreview(await this.openAll(sessionIds), options, format);
    const shown = format === 'html' ? text : text.slice(0, MOST_PREVIEWED);
    return { text: shown, bytes: Buffer.byteLength(text), cut: shown.length < text.length };
  }

  async drawFigure({ sessionIds, ...request }: FigureRequest): Promise<string> {
    return drawOneFigure(await this.openAll(sessionIds), request);
  }

  private get printPdf(): PdfPrinter {
    return this.parts.printPdf ?? noPrinter;
  }

  private async openAll(sessionIds: readonly string[]): Promise<SessionDocument> {
    return asOne(await Promise.all(sessionIds.map((id) => this.openSession(id))));
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
  private async planned(request: Job): Promise<PlannedJob> {
    const job = checkJob(request);
    const known = (id: string) => this.found.some(({ info }) => info.id === id);
    if (!job.deviceIds.every(known)) await this.findDevices();
    const [models, datasets] = await Promise.all([this.listModels(), this.listDatasets()]);
    checkDataset(job, datasets, models);
    checkSampling(job, models);
    // A wrong log is told before a session is opened for it.
    if (job.power) await givenSensor(job.power);
    const cells = cellsOf(job, this.found, models);
    return {
      job,
      cells,
      models,
      datasets,
      plan: { job: withWholePaths(job, datasets, models), runs: cells.length },
    };
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
