/**
 * One map of all channels between a page and its host: what is asked, what is answered, and the schema that
 * checks the question on the host's side. A page is never trusted with more than this.
 */
import { z } from 'zod';
import { describeError, type ErrorDescription, WorkbenchError } from '../errors';
import type { FpgaImageInfo } from '../fpga/image';
import { PRECISIONS } from '../network/precision';
import { MODES } from '../network/topology';
import {
  REPORT_FORMAT_NAMES,
  type ReportFormatName,
  TEXT_FORMAT_NAMES,
  type TextFormatName,
} from '../report/formatNames';
import { type Labelling, labellingSchema } from '../session/schema';
import { type RunAnswers, type SessionView, viewOf } from '../session/view';
import type {
  Advice,
  CalibrateRequest,
  DatasetInfo,
  DeletedSession,
  DeviceListing,
  FigureRequest,
  HostEvent,
  ImageStrip,
  ImportRequest,
  JobEstimate,
  JobSummary,
  LogitsRequest,
  ModelInfo,
  ModelInspection,
  ReportPreview,
  ReportRequest,
  SessionSummary,
  WorkbenchHost,
} from './host';
import { type Job, jobSchema } from './job';

type Nothing = Record<string, never>;

export interface Requests {
  listDevices: Nothing;
  restoreDevice: { deviceId: string };
  listModels: Nothing;
  modelProblems: Nothing;
  importModel: ImportRequest;
  deleteModel: { modelId: string };
  restoreModel: { modelId: string };
  inspectModel: { modelId: string };
  calibrateModel: CalibrateRequest;
  imageLogits: LogitsRequest;
  listDatasets: Nothing;
  testImages: { datasetId: string; indices: number[] };
  estimateJob: Job;
  startJob: Job;
  listJobs: Nothing;
  cancelJob: { jobId: string };
  pauseJob: { jobId: string };
  continueJob: { jobId: string };
  resumeSession: { sessionId: string };
  listSessions: Nothing;
  openSession: { sessionId: string };
  readAnswers: { sessionId: string; runIds: string[] };
  labelSession: { sessionId: string; change: Partial<Labelling> };
  importSession: { path: string };
  openExample: Nothing;
  mergeSessions: { sessionIds: string[]; name: string };
  deleteSession: { sessionId: string };
  restoreSession: { sessionId: string };
  listDeletedSessions: Nothing;
  listFpgaImages: Nothing;
  addFpgaImage: { path: string };
  removeFpgaImage: { imageId: string };
  drawFigure: FigureRequest;
  previewReport: ReportRequest & { format: TextFormatName };
  saveReport: ReportRequest & { format: ReportFormatName };
  programInfo: Nothing;
}

export interface Values {
  listDevices: DeviceListing;
  restoreDevice: null;
  listModels: ModelInfo[];
  modelProblems: Advice[];
  importModel: ModelInfo;
  deleteModel: null;
  restoreModel: null;
  inspectModel: ModelInspection;
  calibrateModel: ModelInfo;
  /** One number a class. */
  imageLogits: number[];
  listDatasets: DatasetInfo[];
  testImages: ImageStrip;
  estimateJob: JobEstimate;
  startJob: { jobId: string; sessionId: string };
  listJobs: JobSummary[];
  cancelJob: null;
  pauseJob: null;
  continueJob: null;
  resumeSession: { jobId: string; sessionId: string };
  listSessions: SessionSummary[];
  openSession: SessionView;
  /** By the ids of the runs. */
  readAnswers: Record<string, RunAnswers>;
  labelSession: null;
  importSession: { sessionId: string };
  openExample: { sessionId: string };
  mergeSessions: { sessionId: string };
  deleteSession: null;
  restoreSession: null;
  listDeletedSessions: DeletedSession[];
  listFpgaImages: FpgaImageInfo[];
  addFpgaImage: FpgaImageInfo;
  removeFpgaImage: null;
  /** An SVG element. */
  drawFigure: string;
  previewReport: ReportPreview;
  /** The file that was written, or null where the person changed their mind. */
  saveReport: { path: string | null };
  programInfo: ProgramInfo;
}

/** For the settings' foot and for reports of faults. */
export interface ProgramInfo {
  version: string;
  /** Such as `Electron 22.3.25`. */
  runtime: string;
  dataFolder: string;
}

export type Channel = keyof Requests;
export type Answer<C extends Channel> =
  | { ok: true; value: Values[C] }
  | { ok: false; error: ErrorDescription };

/** Commands of the menu that the page carries out. */
export type PageCommand =
  | 'devices'
  | 'models'
  | 'run'
  | 'results'
  | 'modes'
  | 'sessions'
  | 'settings'
  | 'palette'
  | 'inspector'
  | 'undo-deletion'
  | 'compare'
  | 'merge'
  | 'report'
  | 'tour';
/** A file on a disk that the page's host reads, such as one chosen in a menu's dialog. */
export interface ChosenFile {
  name: string;
  path: string;
}
export type WindowEvent =
  | HostEvent
  | { kind: 'command'; command: PageCommand }
  | { kind: 'chosen-files'; of: 'sessions' | 'models'; files: ChosenFile[] };

const nothing: z.ZodType<Nothing> = z.record(z.string(), z.never());
/** Session ids are folder names, so nothing that could leave the folder passes. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const session = z.strictObject({ sessionId: id });
const model = z.strictObject({ modelId: z.string().min(1).max(300) });
const path = z.string().min(1).max(4096);
const deviceId = z.string().min(1).max(1000);
/** More than a person looks at. */
const MOST_IMAGES = 500;
const runIds = z.array(z.string().max(200)).max(10_000);
const report = z.strictObject({
  sessionIds: z.array(id).min(1).max(100),
  clock: z.enum(['endToEnd', 'device']),
  baselineIds: runIds,
  deviceIds: z.array(z.string().max(1000)).max(1000),
});

export const requestSchemas: { readonly [C in Channel]: z.ZodType<Requests[C]> } = {
  listDevices: nothing,
  restoreDevice: z.strictObject({ deviceId }),
  listModels: nothing,
  modelProblems: nothing,
  importModel: z.strictObject({ path, topologyPath: path.nullable(), mode: z.enum(MODES).nullable() }),
  deleteModel: model,
  restoreModel: model,
  inspectModel: model,
  calibrateModel: z.strictObject({
    ...model.shape,
    deviceId,
    images: z.number().int().min(1).max(100_000),
    seed: jobSchema.shape.seed,
  }),
  imageLogits: z.strictObject({
    modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
    precision: z.enum(PRECISIONS),
    dataset: z.string().min(1).max(4096),
    index: z.number().int().nonnegative(),
  }),
  listDatasets: nothing,
  testImages: z.strictObject({
    datasetId: z.string().min(1).max(4096),
    indices: z.array(z.number().int().nonnegative()).max(MOST_IMAGES),
  }),
  estimateJob: jobSchema,
  startJob: jobSchema,
  listJobs: nothing,
  cancelJob: z.strictObject({ jobId: id }),
  pauseJob: z.strictObject({ jobId: id }),
  continueJob: z.strictObject({ jobId: id }),
  resumeSession: z.strictObject({ sessionId: id }),
  listSessions: nothing,
  readAnswers: z.strictObject({ sessionId: id, runIds: z.array(z.string().max(200)).max(1000) }),
  openSession: session,
  labelSession: z.strictObject({ sessionId: id, change: labellingSchema.partial().strict() }),
  importSession: z.strictObject({ path }),
  openExample: nothing,
  mergeSessions: z.strictObject({
    sessionIds: z.array(id).min(2).max(100),
    name: labellingSchema.shape.name.min(1),
  }),
  deleteSession: session,
  restoreSession: session,
  listDeletedSessions: nothing,
  listFpgaImages: nothing,
  addFpgaImage: z.strictObject({ path }),
  removeFpgaImage: z.strictObject({ imageId: id }),
  drawFigure: report.extend({ figureId: z.string().max(200), runIds: runIds.nullable() }),
  previewReport: report.extend({ format: z.enum(TEXT_FORMAT_NAMES) }),
  saveReport: report.extend({ format: z.enum(REPORT_FORMAT_NAMES) }),
  programInfo: nothing,
};

export type Handlers = { readonly [C in Channel]: (request: Requests[C]) => Promise<Values[C]> };
/** What a host alone cannot answer: it needs a window, or knows the program around it. */
export type FaceHandlers = Pick<Handlers, 'saveReport' | 'programInfo'>;

/** What a page is told where there is nothing to tell. */
const done = (action: Promise<void>): Promise<null> => action.then(() => null);

/** The handlers of a host, completed by those of its face. */
export function handlersOf(host: WorkbenchHost, face: FaceHandlers): Handlers {
  return {
    listDevices: () => host.listDevices(),
    restoreDevice: ({ deviceId }) => done(host.restoreDevice(deviceId)),
    listModels: () => host.listModels(),
    modelProblems: () => host.models.problems(),
    importModel: (request) => host.models.import(request),
    deleteModel: ({ modelId }) => done(host.models.delete(modelId)),
    restoreModel: ({ modelId }) => done(host.models.restore(modelId)),
    inspectModel: ({ modelId }) => host.models.inspect(modelId),
    calibrateModel: (request) => host.models.calibrate(request),
    imageLogits: (request) => host.models.logits(request),
    listDatasets: () => host.listDatasets(),
    testImages: ({ datasetId, indices }) => host.testImages(datasetId, indices),
    estimateJob: (job) => host.estimateJob(job),
    startJob: (job) => host.startJob(job),
    listJobs: () => host.listJobs(),
    cancelJob: ({ jobId }) => done(host.cancelJob(jobId)),
    pauseJob: ({ jobId }) => done(host.pauseJob(jobId)),
    continueJob: ({ jobId }) => done(host.continueJob(jobId)),
    resumeSession: ({ sessionId }) => host.resumeSession(sessionId),
    listSessions: () => host.listSessions(),
    openSession: async ({ sessionId }) => viewOf(await host.openSession(sessionId)),
    readAnswers: ({ sessionId, runIds }) => host.readAnswers(sessionId, runIds),
    labelSession: ({ sessionId, change }) => done(host.labelSession(sessionId, change)),
    importSession: async ({ path }) => ({ sessionId: await host.importSession(path) }),
    openExample: async () => ({ sessionId: await host.openExample() }),
    mergeSessions: async ({ sessionIds, name }) => ({
      sessionId: await host.mergeSessions(sessionIds, name),
    }),
    deleteSession: ({ sessionId }) => done(host.deleteSession(sessionId)),
    restoreSession: ({ sessionId }) => done(host.restoreSession(sessionId)),
    listDeletedSessions: () => host.listDeletedSessions(),
    listFpgaImages: () => host.listFpgaImages(),
    addFpgaImage: ({ path }) => host.addFpgaImage(path),
    removeFpgaImage: ({ imageId }) => done(host.removeFpgaImage(imageId)),
    drawFigure: (request) => host.drawFigure(request),
    previewReport: (request) => host.previewReport(request),
    ...face,
  };
}

function isChannel(name: unknown): name is Channel {
  return typeof name === 'string' && Object.hasOwn(requestSchemas, name);
}

async function answerChecked<C extends Channel>(
  handlers: Handlers,
  channel: C,
  request: unknown,
): Promise<Values[C]> {
  const checked = requestSchemas[channel].safeParse(request);
  if (!checked.success) {
    throw new WorkbenchError('usage', `The request “${channel}” is malformed.`, {
      where: channel,
      details: z.prettifyError(checked.error),
    });
  }
  return handlers[channel](checked.data);
}

/** Checks a request that came from a page and answers it. A failure of any kind is an answer. */
export async function answerRequest(
  handlers: Handlers,
  channel: unknown,
  request: unknown,
): Promise<Answer<Channel>> {
  try {
    if (!isChannel(channel)) throw new WorkbenchError('usage', 'The page asked for an unknown channel.');
    return { ok: true, value: await answerChecked(handlers, channel, request) };
  } catch (thrown) {
    return { ok: false, error: describeError(thrown) };
  }
}
