/** A host for the page's tests: a few devices and models, sessions in memory, events on demand. */
import type { Bridge } from '../../core/contract/bridge';
import {
  type Answer,
  answerRequest,
  type Channel,
  type Handlers,
  type WindowEvent,
} from '../../core/contract/channels';
import type { Advice, DeviceInfo, DeviceListing, ModelInfo, SessionSummary } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import type { FpgaImageInfo } from '../../core/fpga/image';
import { networkCost } from '../../core/network/cost';
import { PUBLISHED } from '../../core/network/topologies';
import { MODES } from '../../core/network/topology';
import { deviceLabel } from '../../core/report/deviceLabel';
import { mergeSessions } from '../../core/session/merge';
import type { SessionDocument } from '../../core/session/schema';
import { answersOf, viewOf } from '../../core/session/view';

export const pocl: DeviceInfo = {
  id: 'opencl:pocl:cpu',
  name: 'pthread-zen3-Some(R) CPU',
  platform: 'Portable Computing Language',
  type: 'cpu',
  driver: '3.1',
  memoryBytes: 8 * 2 ** 30,
  computeUnits: 2,
  precisions: ['fp32', 'a4'],
  details: { CL_DEVICE_VERSION: 'OpenCL 3.0' },
};

export const onnxRuntime: DeviceInfo = {
  ...pocl,
  id: 'onnxruntime:cpu',
  name: 'Some(R) CPU',
  platform: 'ONNX Runtime',
  driver: '1.30',
  precisions: ['fp32'],
  details: {},
};

const [published] = PUBLISHED;
if (published === undefined) throw new Error('no network is published');
const { topology } = published;

export const models: ModelInfo[] = MODES.map((mode) => {
  const { parameters, binaryParameters } = networkCost(topology);
  return {
    id: `mnist-${mode}`,
    mode,
    dataset: 'mnist',
    topology: topology.id,
    network: topology,
    parameters,
    binaryParameters: mode === 'none' ? 0 : binaryParameters,
    fileBytes: 200_000,
    sha256: 'a'.repeat(64),
    bundled: true,
    description: `An example of mode ${mode}.`,
    calibration: null,
    path: `/models/mnist-${mode}.safetensors`,
  };
});

export interface FakeHost extends Bridge {
  /** Jobs that were started, in order. */
  readonly jobs: Job[];
  /** Ids of jobs that were cancelled and reports that were saved. */
  readonly cancelled: string[];
  readonly paused: string[];
  readonly continued: string[];
  readonly resumed: string[];
  readonly saved: string[];
  images: FpgaImageInfo[];
  /** Paths of images that were to be added; all are refused. */
  readonly addedImages: string[];
  sessions: SessionDocument[];
  deleted: SessionDocument[];
  models: ModelInfo[];
  /** Models that were deleted. */
  readonly setAside: ModelInfo[];
  readonly conditions: DeviceListing['conditions'];
  advice: Advice[];
  /** If set, every start is refused with it. */
  refusal: WorkbenchError | null;
  tell(event: WindowEvent): void;
  /** How many listeners are left: none after the page is gone. */
  listenerCount(): number;
}

function summaryOf(session: SessionDocument): SessionSummary {
  const { id, name, tags = [], note = '', createdAt, runs, failures } = session;
  return {
    ...{ id, name, tags, note, createdAt, open: false, path: `/sessions/${id}` },
    devices: [...new Set(runs.map(({ device }) => deviceLabel(device)))],
    models: [...new Set(runs.map(({ model }) => model.id))],
    ...{ runs: runs.length, failures: failures.length, interrupted: false, runsLeft: 0 },
  };
}

export function createFakeHost(): FakeHost {
  const listeners = new Set<(event: WindowEvent) => void>();
  const sessionOf = (id: string) => {
    const session = host.sessions.find((each) => each.id === id);
    if (!session) throw new WorkbenchError('unknown-name', `There is no session ${id}.`);
    return session;
  };
  const handlers: Handlers = {
    listDevices: async () => ({
      devices: [pocl, onnxRuntime],
      conditions: { ...host.conditions },
      advice: host.advice,
    }),
    restoreDevice: async ({ deviceId }) => {
      delete host.conditions[deviceId];
      return null;
    },
    listModels: async () => host.models,
    modelProblems: async () => [],
    importModel: async ({ path, mode }) => {
      const [first] = models;
      if (!first) throw new Error('no model to copy');
      const imported = {
        ...first,
        id: `imported-${host.models.length}`,
        mode: mode ?? 'none',
        bundled: false,
        path,
      };
      host.models = [...host.models, imported];
      return imported;
    },
    deleteModel: async ({ modelId }) => {
      host.setAside.push(...host.models.filter(({ id }) => id === modelId));
      host.models = host.models.filter(({ id }) => id !== modelId);
      return null;
    },
    restoreModel: async ({ modelId }) => {
      host.models = [...host.models, ...host.setAside.filter(({ id }) => id === modelId)];
      return null;
    },
    imageLogits: async ({ index }) => Array.from({ length: 10 }, (_, i) => (i === index ? 2.5 : -i)),
    inspectModel: async ({ modelId }) => ({ modelId, layers: [] }),
    calibrateModel: async () => host.models[1] ?? models[0]!,
    listDatasets: async () => [{ id: 'mnist', name: 'MNIST', testImages: 10_000, present: true }],
    testImages: async ({ indices }) => ({
      width: 1,
      height: 1,
      channels: 1,
      pixels: indices.map(() => 'AA=='),
    }),
    estimateJob: async () => ({ seconds: 90, unknownRuns: 0, scaledRuns: 0 }),
    startJob: async (job) => {
      if (host.refusal) throw host.refusal;
      host.jobs.push(job);
      return { jobId: `job-${host.jobs.length}`, sessionId: 'new-session' };
    },
    listJobs: async () => [],
    cancelJob: async ({ jobId }) => {
      host.cancelled.push(jobId);
      return null;
    },
    pauseJob: async ({ jobId }) => {
      host.paused.push(jobId);
      return null;
    },
    continueJob: async ({ jobId }) => {
      host.continued.push(jobId);
      return null;
    },
    resumeSession: async ({ sessionId }) => {
      host.resumed.push(sessionOf(sessionId).id);
      return { jobId: `job-${host.resumed.length}`, sessionId };
    },
    listSessions: async () => host.sessions.map(summaryOf),
    openSession: async ({ sessionId }) => viewOf(sessionOf(sessionId)),
    readAnswers: async ({ sessionId, runIds }) => {
      const runs = sessionOf(sessionId).runs.filter(({ id }) => runIds.includes(id));
      return Object.fromEntries(runs.map((run) => [run.id, answersOf(run)]));
    },
    labelSession: async ({ sessionId, change }) => {
      const labelled = { ...sessionOf(sessionId), ...change };
      host.sessions = host.sessions.map((session) => (session.id === sessionId ? labelled : session));
      return null;
    },
    importSession: async ({ path }) => {
      const [first] = host.sessions;
      if (!first) throw new WorkbenchError('refused-file', 'The page holds no session.', { where: path });
      host.sessions = [...host.sessions, { ...first, id: 'imported', name: path }];
      return { sessionId: 'imported' };
    },
    openExample: async () => ({ sessionId: host.sessions[0]?.id ?? 'example' }),
    mergeSessions: async ({ sessionIds, name }) => {
      const { program, createdAt } = sessionOf(sessionIds[0] ?? '');
      const header = { id: 'merged', name, createdAt, program };
      host.sessions = [...host.sessions, mergeSessions(sessionIds.map(sessionOf), header)];
      return { sessionId: 'merged' };
    },
    deleteSession: async ({ sessionId }) => {
      host.deleted.push(sessionOf(sessionId));
      host.sessions = host.sessions.filter(({ id }) => id !== sessionId);
      return null;
    },
    restoreSession: async ({ sessionId }) => {
      host.sessions = [...host.sessions, ...host.deleted.filter(({ id }) => id === sessionId)];
      host.deleted = host.deleted.filter(({ id }) => id !== sessionId);
      return null;
    },
    listDeletedSessions: async () =>
      host.deleted.map(({ id, name, createdAt }) => ({ id, name, deletedAt: createdAt })),
    listFpgaImages: async () => host.images,
    addFpgaImage: async ({ path }) => {
      host.addedImages.push(path);
      throw new WorkbenchError('refused-file', `${path} is refused: it is empty.`, { where: path });
    },
    removeFpgaImage: async ({ imageId }) => {
      host.images = host.images.filter(({ id }) => id !== imageId);
      return null;
    },
    drawFigure: async ({ figureId }) => `<svg><title>${figureId}</title></svg>`,
    previewReport: async ({ sessionIds, format }) => {
      const text = `${format} of ${sessionIds.map((each) => sessionOf(each).name).join(' and ')}`;
      return { text, bytes: text.length, cut: false };
    },
    saveReport: async ({ sessionIds, format }) => {
      host.saved.push(`${sessionIds.join('+')}.${format}`);
      return { path: `/reports/${sessionIds.join('+')}.${format}` };
    },
    programInfo: async () => ({ version: '1.2.3', runtime: 'Electron 22', dataFolder: '/data' }),
  };
  const host: FakeHost = {
    jobs: [],
    cancelled: [],
    paused: [],
    continued: [],
    resumed: [],
    deleted: [],
    models,
    setAside: [],
    conditions: {},
    saved: [],
    images: [],
    addedImages: [],
    sessions: [],
    advice: [],
    refusal: null,
    // The answer's type follows from the handler of the same channel, which the compiler does not see here.
    request: <C extends Channel>(channel: C, request: unknown) =>
      answerRequest(handlers, channel, request) as Promise<Answer<C>>,
    pathOf: async ({ name }) => `/dropped/${name}`,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
    listenerCount: () => listeners.size,
  };
  return host;
}
