/**
 * The desktop program killed at random moments of a running session: all of it, its page alone, its device process.
 * What the page was told is kept, every session can be read, and the next start goes on where the last one stopped.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer, Channel, Requests, Values, WindowEvent } from '../../core/contract/channels';
import type { Job } from '../../core/contract/job';
import { parseSession } from '../../core/session/document';
import type { SessionDocument } from '../../core/session/schema';
import { isCut, unfinishedCells } from '../../core/session/unfinished';
import { readText } from '../../main/storage/readText';
import { electronExecutable } from '../../setup/electron.mjs';
import { projectFolder } from '../../setup/steps.mjs';
import { figure } from '../figures';
import { familyOf, isRunning, killProcess } from '../processes';
import { testRandom } from '../random';
import { goTo, makeHome, type Program, startProgram, waitForEnd } from './program';

const KILLS = Number(process.env.BNNW_WINDOW_KILLS ?? (process.env.BNNW_TEST_LONG ? 30 : 6));
/** Each is killed within this time of something that the page was told. */
const BETWEEN_EVENTS_MS = 60;
const STARTING_MS = 1500;
const END_MS = 120_000;

type Victim = 'window' | 'page' | 'device process';
/** Of ten. */
const SHARES: Record<Victim, number> = { window: 6, page: 2, 'device process': 2 };

const random = testRandom('killed window');
const home = makeHome();
const sessions = join(home.folder, 'data', 'sessions');

/** Integer arithmetic: each run of a model gives the same answers, whatever its batch size. */
const job: Omit<Job, 'deviceIds'> = {
  models: ['mnist-deterministic', 'mnist-stochastic'],
  ...{ dataset: null, precisions: ['a8'], batchSizes: [50, 20] },
  ...{ samples: 300, seed: 1, sessionName: null },
};

/** What the page of a running program is told. */
class Watched {
  readonly told: WindowEvent[] = [];
  private waiting: (() => void)[] = [];

  constructor(readonly program: Program) {
    program.page.on('console', (message) => {
      const text = message.text();
      if (!text.startsWith('told ')) return;
      this.told.push(JSON.parse(text.slice('told '.length)));
      for (const look of this.waiting) look();
    });
  }

  static async start(): Promise<Watched> {
    const watched = new Watched(await startProgram(home.folder));
    await watched.program.page.evaluate(
      "window.workbench.onEvent((event) => console.log('told ' + JSON.stringify(event))), null",
    );
    // A page that is gone makes a dialog ask; this is the answer of a person who presses Reload.
    await watched.program.app.evaluate(({ dialog }) => {
      dialog.showMessageBox = async () => ({ response: 0, checkboxChecked: false });
    });
    return watched;
  }

  /** Until the page was told so many things, or the job's end. */
  toldSoMany(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const isOver = this.told.some(({ kind }) => kind === 'job-finished');
        if (isOver || this.told.length >= count) resolve();
      };
      this.waiting.push(look);
      look();
    });
  }

  jobsEnd(): Promise<void> {
    return this.toldSoMany(Number.POSITIVE_INFINITY);
  }

  /** The ids of the runs that the page was told to be finished. */
  get acknowledged(): string[] {
    return this.told.flatMap((event) => (event.kind === 'run-finished' ? [event.run.id] : []));
  }

  get sessionId(): string | null {
    const started = this.told.find((event) => event.kind === 'job-started');
    return started?.kind === 'job-started' ? started.sessionId : null;
  }
}

async function ask<C extends Channel>(page: Page, channel: C, request: Requests[C]): Promise<Values[C]> {
  const answer: Answer<C> = await page.evaluate(
    `window.workbench.request(${JSON.stringify(channel)}, ${JSON.stringify(request)})`,
  );
  if (!answer.ok) throw new Error(`${channel}: ${answer.error.message}`);
  return answer.value;
}

async function documentOf(id: string): Promise<SessionDocument> {
  const path = join(sessions, id, 'session.json');
  return parseSession(await readText(path), path);
}

const isClosed = (id: string) =>
  existsSync(join(sessions, id, 'session.json')) && !existsSync(join(sessions, id, 'journal'));

const counts = {
  window: 0,
  starting: 0,
  page: 0,
  'device process': 0,
  acknowledged: 0,
  failed: 0,
  resumed: 0,
};
let running: Watched;
let deviceIds: string[];
/** What a job tells that nobody disturbs. */
let eventsOfAJob: number;
/** By model. */
const rightAnswers = new Map<string, number[]>();

beforeAll(async () => {
  running = await Watched.start();
  const { page } = running.program;
  const { devices } = await ask(page, 'listDevices', {});
  deviceIds = devices
    .filter(({ platform }) => platform === 'Portable Computing Language')
    .map(({ id }) => id);
  const { sessionId } = await ask(page, 'startJob', { ...job, deviceIds });
  await running.jobsEnd();
  eventsOfAJob = running.told.length;
  const { runs } = await documentOf(sessionId);
  expect(runs).toHaveLength(4);
  for (const run of runs) {
    expect(run.accuracy.correct).toBeGreaterThan(0.95 * run.accuracy.total);
    const known = rightAnswers.get(run.model.id);
    if (known) expect(run.predictions).toEqual(known);
    else rightAnswers.set(run.model.id, run.predictions);
  }
});

afterAll(async () => {
  // Where it never started there is nothing to close.
  await running?.program.close().catch(() => undefined);
  home.dispose();
});

function startJob(): void {
  running.told.length = 0;
  // Its answer may never come.
  ask(running.program.page, 'startJob', { ...job, deviceIds }).catch(() => undefined);
}

/** Starts a job and waits for some moment of it. */
async function someMoment(): Promise<void> {
  startJob();
  await running.toldSoMany(random.below(eventsOfAJob));
  await pause(random.below(BETWEEN_EVENTS_MS));
}

/** Every run that was told is there, and each run has the right answers. */
function requireKept({ runs }: SessionDocument, acknowledged: string[]): void {
  expect(runs.map(({ id }) => id).slice(0, acknowledged.length)).toEqual(acknowledged);
  for (const run of runs) expect(run.predictions).toEqual(rightAnswers.get(run.model.id));
}

async function killWindow(): Promise<void> {
  const family = familyOf(running.program.app.process().pid!);
  const { acknowledged, sessionId } = running;
  killProcess(family[0]!);
  counts.window++;
  await requireEnded(family);
  if (random.below(4) === 0) await killWhileStarting();
  running = await Watched.start();
  await requireReadable(sessionId);
  counts.acknowledged += acknowledged.length;
  if (sessionId !== null) await goOn(sessionId, acknowledged);
}

/** A process of the program that outlives it would hold the device. */
async function requireEnded(family: number[]): Promise<void> {
  await expect.poll(() => family.filter(isRunning), { timeout: 10_000 }).toEqual([]);
}

async function killWhileStarting(): Promise<void> {
  const env = { ...process.env, BNNW_HOME: home.folder };
  const started = spawn(electronExecutable(), [projectFolder], { env, stdio: 'ignore' });
  await pause(random.below(STARTING_MS));
  const family = familyOf(started.pid!);
  killProcess(started.pid!);
  counts.starting++;
  await requireEnded(family);
}

/** All sessions, but for one that was killed before it had begun. */
async function requireReadable(begun: string | null): Promise<void> {
  for (const { id, open, problem } of await ask(running.program.page, 'listSessions', {})) {
    expect(open, id).toBe(false);
    if (problem !== undefined) expect(id).not.toBe(begun);
  }
}

async function goOn(id: string, acknowledged: string[]): Promise<void> {
  const { page } = running.program;
  await ask(page, 'openSession', { sessionId: id });
  const before = await documentOf(id);
  requireKept(before, acknowledged);
  expect(before.failures.filter(({ error }) => !isCut(error))).toEqual([]);
  if (unfinishedCells(before).length === 0) return;
  await ask(page, 'resumeSession', { sessionId: id });
  await running.jobsEnd();
  counts.resumed++;
  const whole = await documentOf(id);
  requireKept(whole, acknowledged);
  expect(whole.runs.slice(0, before.runs.length)).toEqual(before.runs);
  expect(unfinishedCells(whole)).toEqual([]);
}

/** The job goes on without a page. */
async function killPage(): Promise<void> {
  const { app } = running.program;
  const pid = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  const { acknowledged, sessionId } = running;
  killProcess(pid!);
  counts.page++;
  counts.acknowledged += acknowledged.length;
  if (sessionId !== null) {
    await expect.poll(() => isClosed(sessionId), { timeout: END_MS }).toBe(true);
    const session = await documentOf(sessionId);
    requireKept(session, acknowledged);
    expect(session.failures).toEqual([]);
    expect(unfinishedCells(session)).toEqual([]);
  }
  // Reloaded, with the devices at its foot as before.
  const foot = `document.querySelector('footer')?.innerText ?? ''`;
  const read = () =>
    app.evaluate(
      ({ BrowserWindow }, script) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script),
      foot,
    );
  await expect.poll(read, { timeout: 30_000 }).toMatch(/\d+ devices?/);
  // The driver of these tests does not find its way back to a page that was gone.
  await running.program.close();
  running = await Watched.start();
}

/** One run is lost, and the others go on. */
async function killDeviceProcess(): Promise<void> {
  const { app, page } = running.program;
  const metrics = await app.evaluate(({ app: electron }) => electron.getAppMetrics());
  for (const { name, pid } of metrics) if (name === 'BNN Workbench device') killProcess(pid);
  counts['device process']++;
  await running.jobsEnd();
  const { acknowledged, sessionId } = running;
  counts.acknowledged += acknowledged.length;
  const session = await documentOf(sessionId!);
  requireKept(session, acknowledged);
  expect(session.failures.length).toBeLessThanOrEqual(1);
  for (const { error } of session.failures) expect(error.kind).toBe('device-lost');
  expect(unfinishedCells(session)).toEqual([]);
  counts.failed += session.failures.length;
  // Three in a row would set it aside, as they should.
  for (const deviceId of deviceIds) await ask(page, 'restoreDevice', { deviceId }).catch(() => undefined);
}

function draw(): Victim {
  const place = random.below(SHARES.window + SHARES.page + SHARES['device process']);
  if (place < SHARES.window) return 'window';
  return place < SHARES.window + SHARES.page ? 'page' : 'device process';
}

it('a window that is killed says after its next start what is left, and goes on at a click', async () => {
  startJob();
  await running.toldSoMany(Math.floor(eventsOfAJob / 2));
  const { sessionId, acknowledged } = running;
  const family = familyOf(running.program.app.process().pid!);
  killProcess(family[0]!);
  await requireEnded(family);
  running = await Watched.start();
  const { page } = running.program;
  await goTo(page, 'Sessions');
  await page.getByText(/interrupted, \d runs? left/).waitFor();
  await page.getByRole('button', { name: /^Go on: / }).click();
  await waitForEnd(page);
  const session = await documentOf(sessionId!);
  requireKept(session, acknowledged);
  expect(unfinishedCells(session)).toEqual([]);
});

it('nothing that the page was told is lost, whatever is killed, at any moment', {
  timeout: 60 * 60_000,
}, async () => {
  const acts: Record<Victim, () => Promise<void>> = {
    window: killWindow,
    page: killPage,
    'device process': killDeviceProcess,
  };
  for (let i = 0; i < KILLS; i++) {
    const victim = draw();
    await someMoment();
    await acts[victim]();
  }
  figure(
    'kill -9, desktop program',
    `${counts.window} times the whole program and ${counts.starting} times more while it started, ` +
      `${counts.page} times its page, ${counts['device process']} times its device process; ` +
      `${counts.acknowledged} runs acknowledged and none lost, ${counts.failed} runs failed, ` +
      `${counts.resumed} sessions resumed to their end`,
  );
});
