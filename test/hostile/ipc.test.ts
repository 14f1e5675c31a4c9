import { beforeEach, describe, expect, it, vi } from 'vitest';
import { REQUEST_CHANNEL } from '../../core/contract/bridge';
import { type Channel, type Handlers, requestSchemas } from '../../core/contract/channels';
import { answerPage } from '../../main/electron/ipc';
import { PAGE_ORIGIN } from '../../main/electron/pageProtocol';
import { testRandom } from '../random';

type Listener = (event: unknown, ...request: unknown[]) => Promise<{ ok: boolean; error?: { kind: string } }>;
const electron = vi.hoisted(() => ({ listeners: new Map<string, unknown>() }));
vi.mock('electron', () => ({
  ipcMain: {
    handle: (channel: string, listener: unknown) => electron.listeners.set(channel, listener),
    removeHandler: (channel: string) => electron.listeners.delete(channel),
  },
  protocol: {},
  net: {},
}));

const INPUTS = 1000;
vi.setConfig({ testTimeout: 120_000 });
const random = testRandom('ipc');
const CHANNELS = Object.keys(requestSchemas).filter((name): name is Channel =>
  Object.hasOwn(requestSchemas, name),
);

/** What the host was asked to do. */
let asked: { channel: string; request: unknown }[] = [];
beforeEach(() => {
  asked = [];
});

function listen(): { listener: Listener; stop: () => void } {
  const note =
    (channel: string) =>
    async (request: unknown): Promise<never> => {
      asked.push({ channel, request });
      throw new Error('noted');
    };
  const handlers: Handlers = {
    listDevices: note('listDevices'),
    restoreDevice: note('restoreDevice'),
    listModels: note('listModels'),
    modelProblems: note('modelProblems'),
    importModel: note('importModel'),
    deleteModel: note('deleteModel'),
    restoreModel: note('restoreModel'),
    imageLogits: note('imageLogits'),
    inspectModel: note('inspectModel'),
    calibrateModel: note('calibrateModel'),
    listDatasets: note('listDatasets'),
    testImages: note('testImages'),
    estimateJob: note('estimateJob'),
    startJob: note('startJob'),
    listJobs: note('listJobs'),
    cancelJob: note('cancelJob'),
    pauseJob: note('pauseJob'),
    continueJob: note('continueJob'),
    resumeSession: note('resumeSession'),
    listSessions: note('listSessions'),
    openSession: note('openSession'),
    readAnswers: note('readAnswers'),
    labelSession: note('labelSession'),
    importSession: note('importSession'),
    openExample: note('openExample'),
    mergeSessions: note('mergeSessions'),
    deleteSession: note('deleteSession'),
    restoreSession: note('restoreSession'),
    listDeletedSessions: note('listDeletedSessions'),
    listFpgaImages: note('listFpgaImages'),
    addFpgaImage: note('addFpgaImage'),
    removeFpgaImage: note('removeFpgaImage'),
    drawFigure: note('drawFigure'),
    previewReport: note('previewReport'),
    saveReport: note('saveReport'),
    programInfo: note('programInfo'),
  };
  const stop = answerPage(handlers);
  return { listener: electron.listeners.get(REQUEST_CHANNEL) as Listener, stop };
}

const rightSender = { senderFrame: { url: `${PAGE_ORIGIN}/index.html`, parent: null } };
const WRONG_SENDERS = [
  { senderFrame: null },
  { senderFrame: { url: '', parent: null } },
  { senderFrame: { url: 'https://example.org/', parent: null } },
  { senderFrame: { url: `${PAGE_ORIGIN}.example.org/`, parent: null } },
  { senderFrame: { url: `https://example.org/${PAGE_ORIGIN}/`, parent: null } },
  { senderFrame: { url: `${PAGE_ORIGIN}@example.org/`, parent: null } },
  { senderFrame: { url: 'file:///etc/passwd', parent: null } },
  { senderFrame: { url: 'about:blank', parent: null } },
  { senderFrame: { url: `${PAGE_ORIGIN}/index.html`, parent: { url: `${PAGE_ORIGIN}/index.html` } } },
];

const rightJob = () => ({
  deviceIds: ['null:null'],
  models: ['mnist-none'],
  dataset: null,
  precisions: ['fp32'],
  batchSizes: [1 + random.below(65536)],
  samples: null,
  seed: random.below(1000),
  sessionName: null,
});

const report = () => ({
  ...{ sessionIds: [`s${random.below(100)}`], clock: 'device' },
  ...{ baselineIds: ['run-1'], deviceIds: ['opencl:p:d'] },
});
const right: { readonly [C in Channel]: () => unknown } = {
  listDevices: () => ({}),
  restoreDevice: () => ({ deviceId: `opencl:${random.below(9)}` }),
  listModels: () => ({}),
  modelProblems: () => ({}),
  importModel: () => ({ path: `/models/${random.below(9)}.pt`, topologyPath: null, mode: null }),
  deleteModel: () => ({ modelId: `m${random.below(9)}` }),
  restoreModel: () => ({ modelId: `m${random.below(9)}` }),
  imageLogits: () => ({
    ...{ modelSha256: 'a'.repeat(64), precision: 'fp32', dataset: 'mnist' },
    index: random.below(10_000),
  }),
  inspectModel: () => ({ modelId: `m${random.below(9)}` }),
  calibrateModel: () => ({ modelId: 'm', deviceId: 'null:null', images: 1 + random.below(400), seed: 1 }),
  listDatasets: () => ({}),
  testImages: () => ({ datasetId: 'mnist', indices: [random.below(10_000)] }),
  estimateJob: () => rightJob(),
  startJob: () => rightJob(),
  listJobs: () => ({}),
  cancelJob: () => ({ jobId: `job-${random.below(100)}` }),
  pauseJob: () => ({ jobId: `job-${random.below(100)}` }),
  continueJob: () => ({ jobId: `job-${random.below(100)}` }),
  resumeSession: () => ({ sessionId: `s${random.below(100)}` }),
  listSessions: () => ({}),
  openSession: () => ({ sessionId: `s${random.below(100)}` }),
  readAnswers: () => ({ sessionId: 's', runIds: [`run-${random.below(100)}`] }),
  labelSession: () => ({ sessionId: `s${random.below(100)}`, change: { name: `n${random.below(9)}` } }),
  importSession: () => ({ path: `/sessions/${random.below(9)}.json` }),
  openExample: () => ({}),
  mergeSessions: () => ({ sessionIds: ['s1', `s${2 + random.below(9)}`], name: 'both' }),
  restoreSession: () => ({ sessionId: `s${random.below(100)}` }),
  listDeletedSessions: () => ({}),
  deleteSession: () => ({ sessionId: `s${random.below(100)}` }),
  listFpgaImages: () => ({}),
  addFpgaImage: () => ({ path: `/images/${random.below(100)}.aocx` }),
  removeFpgaImage: () => ({ imageId: `${random.below(100)}` }),
  drawFigure: () => ({ ...report(), figureId: 'mnist/time', runIds: null }),
  previewReport: () => ({ ...report(), format: 'csv' }),
  saveReport: () => ({ ...report(), format: 'pdf' }),
  programInfo: () => ({}),
};

const ODD: unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  1n,
  '',
  '../../etc/passwd',
  '..',
  '\u0000',
  'a'.repeat(10_000),
  'C:\\Windows',
  '/',
  true,
  [],
  [[]],
  new Date(0),
  new Map([['sessionId', 's']]),
  new Uint8Array(8),
  JSON.parse('{"__proto__": {"sessionId": "s"}}'),
];
const odd = () => ODD[random.below(ODD.length)];

/** A right request with one value that is not, one too many, or something else altogether. */
function wrongRequest(channel: Channel): unknown {
  const request = right[channel]();
  const names = Object.keys(request as object);
  const name = names[random.below(Math.max(1, names.length))];
  switch (random.below(3)) {
    case 0:
      return odd();
    case 1:
      return { ...(request as object), [`extra${random.below(9)}`]: odd() };
    default:
      return name === undefined
        ? { [`extra${random.below(9)}`]: odd() }
        : { ...(request as object), [name]: odd() };
  }
}

describe.each(CHANNELS)('the channel %s', (channel) => {
  it('does nothing for a sender that is not the page, whatever it asks', async () => {
    const { listener, stop } = listen();
    for (let i = 0; i < INPUTS; i++) {
      const sender = WRONG_SENDERS[random.below(WRONG_SENDERS.length)];
      const request = random.below(2) === 0 ? right[channel]() : wrongRequest(channel);
      expect(await listener(sender, channel, request)).toMatchObject({ ok: false, error: { kind: 'usage' } });
    }
    expect(asked).toEqual([]);
    stop();
    expect(electron.listeners.size).toBe(0);
  });

  it('passes to the host only what fits its schema', async () => {
    const { listener, stop } = listen();
    let passed = 0;
    for (let i = 0; i < INPUTS; i++) {
      asked = [];
      const answer = await listener(rightSender, channel, wrongRequest(channel));
      expect(answer.ok).toBe(false);
      if (asked.length === 0) expect(answer.error?.kind).toBe('usage');
      // A random change may make another right request.
      for (const { channel: reached, request } of asked) {
        expect(reached).toBe(channel);
        expect(requestSchemas[channel].safeParse(request).success).toBe(true);
        passed++;
      }
    }
    expect(passed).toBeLessThan(INPUTS);
    asked = [];
    await listener(rightSender, channel, right[channel]());
    expect(asked).toHaveLength(1);
    stop();
  });
});

it('a channel that there is not does nothing', async () => {
  const { listener, stop } = listen();
  for (const name of [...ODD, 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'listdevices']) {
    expect(await listener(rightSender, name, {})).toMatchObject({ ok: false, error: { kind: 'usage' } });
  }
  expect(asked).toEqual([]);
  stop();
});
