import { describe, expect, it } from 'vitest';
import { answerRequest, type Handlers } from '../../../core/contract/channels';
import { WorkbenchError } from '../../../core/errors';

/** Handlers that note what they were asked. */
function recordingHandlers(): { handlers: Handlers; asked: unknown[] } {
  const asked: unknown[] = [];
  const refuse = async (): Promise<never> => {
    throw new Error('not asked for in this test');
  };
  return {
    asked,
    handlers: {
      listDevices: refuse,
      restoreDevice: refuse,
      listModels: async () => [],
      modelProblems: refuse,
      importModel: refuse,
      deleteModel: refuse,
      restoreModel: refuse,
      imageLogits: refuse,
      inspectModel: refuse,
      calibrateModel: refuse,
      listDatasets: refuse,
      testImages: refuse,
      estimateJob: refuse,
      startJob: async (job) => {
        asked.push(job);
        return { jobId: 'j1', sessionId: 's1' };
      },
      listJobs: refuse,
      cancelJob: refuse,
      pauseJob: refuse,
      continueJob: refuse,
      resumeSession: refuse,
      listSessions: refuse,
      readAnswers: refuse,
      openSession: async ({ sessionId }) => {
        throw new WorkbenchError('unknown-name', `There is no session ${sessionId}.`, { where: sessionId });
      },
      labelSession: refuse,
      importSession: refuse,
      openExample: refuse,
      mergeSessions: refuse,
      deleteSession: refuse,
      restoreSession: refuse,
      listDeletedSessions: refuse,
      listFpgaImages: refuse,
      addFpgaImage: refuse,
      removeFpgaImage: refuse,
      drawFigure: refuse,
      previewReport: refuse,
      saveReport: refuse,
      programInfo: refuse,
    },
  };
}

describe('answerRequest', () => {
  it('answers a good request', async () => {
    const { handlers } = recordingHandlers();
    expect(await answerRequest(handlers, 'listModels', {})).toEqual({ ok: true, value: [] });
  });

  it.each(['toString', '__proto__', 'deleteEverything', 7, null])('knows no channel %s', async (channel) => {
    const answer = await answerRequest(recordingHandlers().handlers, channel, {});
    expect(answer).toMatchObject({ ok: false, error: { kind: 'usage' } });
  });

  it.each([
    ['listModels', { extra: 1 }],
    ['listModels', undefined],
    ['openSession', { sessionId: '../../etc' }],
    ['openSession', { sessionId: '..' }],
    ['openSession', { sessionId: 's1', also: true }],
    ['previewReport', { sessionIds: ['s1'], clock: 'device', baselineIds: [], deviceIds: [], format: 'exe' }],
    ['startJob', { deviceIds: [] }],
  ])('refuses %s with %j before any handler sees it', async (channel, request) => {
    const { handlers, asked } = recordingHandlers();
    expect(await answerRequest(handlers, channel, request)).toMatchObject({
      ok: false,
      error: { kind: 'usage', where: channel },
    });
    expect(asked).toEqual([]);
  });

  it('passes an error for a person on as it is', async () => {
    const answer = await answerRequest(recordingHandlers().handlers, 'openSession', { sessionId: 's9' });
    expect(answer).toEqual({
      ok: false,
      error: {
        kind: 'unknown-name',
        message: 'There is no session s9.',
        where: 's9',
        remedy: null,
        details: null,
      },
    });
  });

  it('tells a fault of the program with its stack', async () => {
    const answer = await answerRequest(recordingHandlers().handlers, 'listDevices', {});
    expect(answer).toMatchObject({ ok: false, error: { kind: 'bug' } });
    expect(!answer.ok && answer.error.details).toContain('channels.test');
  });
});
