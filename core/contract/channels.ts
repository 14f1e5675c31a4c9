/**
 * One map of all channels between a page and its host: what is asked, what is answered, and the schema that
 * checks the question on the host's side. A page is never trusted with more than this.
 */
import { z } from 'zod';
import { describeError, type ErrorDescription, WorkbenchError } from '../errors';
import type { ReportFormatName } from '../report/formats';
import { type RunAnswers, type SessionView, viewOf } from '../session/view';
import type {
  DatasetInfo,
  DeviceListing,
  HostEvent,
  JobSummary,
  ModelInfo,
  SessionSummary,
  WorkbenchHost,
} from './host';
import { type Job, jobSchema } from './job';

type Nothing = Record<string, never>;

export interface Requests {
  listDevices: Nothing;
  listModels: Nothing;
  listDatasets: Nothing;
  startJob: Job;
  listJobs: Nothing;
  cancelJob: { jobId: string };
  pauseJob: { jobId: string };
  continueJob: { jobId: string };
  resumeSession: { sessionId: string };
  listSessions: Nothing;
  openSession: { sessionId: string };
  readAnswers: { sessionId: string; runIds: string[] };
  deleteSession: { sessionId: string };
  renderReport: { sessionId: string; format: ReportFormatName };
  saveReport: { sessionId: string; format: ReportFormatName };
  programInfo: Nothing;
}

export interface Values {
  listDevices: DeviceListing;
  listModels: ModelInfo[];
  listDatasets: DatasetInfo[];
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
  deleteSession: null;
  renderReport: string;
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
export type PageCommand = 'devices' | 'models' | 'run' | 'results' | 'sessions' | 'settings' | 'palette';
export type WindowEvent = HostEvent | { kind: 'command'; command: PageCommand };

const nothing: z.ZodType<Nothing> = z.record(z.string(), z.never());
/** Session ids are folder names, so nothing that could leave the folder passes. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const report = z.strictObject({ sessionId: id, format: z.enum(['json', 'csv', 'markdown']) });

export const requestSchemas: { readonly [C in Channel]: z.ZodType<Requests[C]> } = {
  listDevices: nothing,
  listModels: nothing,
  listDatasets: nothing,
  startJob: jobSchema,
  listJobs: nothing,
  cancelJob: z.strictObject({ jobId: id }),
  pauseJob: z.strictObject({ jobId: id }),
  continueJob: z.strictObject({ jobId: id }),
  resumeSession: z.strictObject({ sessionId: id }),
  listSessions: nothing,
  openSession: z.strictObject({ sessionId: id }),
  readAnswers: z.strictObject({ sessionId: id, runIds: z.array(z.string().max(200)).max(1000) }),
  deleteSession: z.strictObject({ sessionId: id }),
  renderReport: report,
  saveReport: report,
  programInfo: nothing,
};

export type Handlers = { readonly [C in Channel]: (request: Requests[C]) => Promise<Values[C]> };
/** What a host alone cannot answer: it needs a window, or knows the program around it. */
export type FaceHandlers = Pick<Handlers, 'saveReport' | 'programInfo'>;

/** The handlers of a host, completed by those of its face. */
export function handlersOf(host: WorkbenchHost, face: FaceHandlers): Handlers {
  return {
    listDevices: () => host.listDevices(),
    listModels: () => host.listModels(),
    listDatasets: () => host.listDatasets(),
    startJob: (job) => host.startJob(job),
    listJobs: () => host.listJobs(),
    cancelJob: async ({ jobId }) => {
      await host.cancelJob(jobId);
      return null;
    },
    pauseJob: async ({ jobId }) => {
      await host.pauseJob(jobId);
      return null;
    },
    continueJob: async ({ jobId }) => {
      await host.continueJob(jobId);
      return null;
    },
    resumeSession: ({ sessionId }) => host.resumeSession(sessionId),
    listSessions: () => host.listSessions(),
    openSession: async ({ sessionId }) => viewOf(await host.openSession(sessionId)),
    readAnswers: ({ sessionId, runIds }) => host.readAnswers(sessionId, runIds),
    deleteSession: async ({ sessionId }) => {
      await host.deleteSession(sessionId);
      return null;
    },
    renderReport: ({ sessionId, format }) => host.renderReport(sessionId, format),
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
