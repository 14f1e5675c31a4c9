import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import { runPlan } from '../../core/network/reference';
import type { SessionDocument } from '../../core/session/schema';
import { isCut, unfinishedCells } from '../../core/session/unfinished';
import { SessionStore } from '../../main/host/sessionStore';
import { figure } from '../figures';
import { fakeHost } from '../main/host/fakeHost';
import { fakeModel, fakeTestSet } from '../main/host/fakeNetwork';
import { bundle, programFolder } from '../main/host/programs';
import { childrenOf, killProcess } from '../processes';
import { testRandom } from '../random';

const KILLS = Number(process.env.BNNW_KILLS ?? (process.env.BNNW_TEST_LONG ? 500 : 10));
/** One in ten is killed while it starts, within this time. */
const STARTING_MS = 1500;
/** The others within this time of one of the lines that it says, of which there are about so many. */
const LINES = 26;
const BETWEEN_LINES_MS = 40;

vi.setConfig({ testTimeout: 45 * 60_000, hookTimeout: 60_000 });
const random = testRandom('kill');
const { folder, remove } = programFolder();
afterAll(remove);

let host: string;
let deviceProcess: string;
beforeAll(() => {
  host = bundle(join(__dirname, 'killedHost.ts'), folder);
  deviceProcess = bundle(join(__dirname, '../main/host/fakeDeviceProcess.ts'), folder);
});

const rightAnswers = Array.from(predictedClasses(runPlan(lower(fakeModel), fakeTestSet.images, 100), 3)!);

type Victim = 'host' | 'device process';

/** Kills one of the two at some moment. @returns what the host had said until it ended */
async function killAtSomeMoment(root: string, victim: Victim): Promise<string[][]> {
  const child: ChildProcess = spawn(process.execPath, [host, root, deviceProcess]);
  const lines = random.below(10) === 0 ? 0 : 1 + random.below(LINES);
  const afterMs = random.below(lines === 0 ? STARTING_MS : BETWEEN_LINES_MS);
  let said = '';
  const saidEnough = new Promise<void>((resolve) => {
    if (lines === 0) resolve();
    child.stdout?.on('data', (piece: Buffer) => {
      said += piece.toString();
      if (said.split('\n').length > lines) resolve();
    });
  });
  const closed = once(child, 'close');
  await Promise.race([saidEnough.then(() => pause(afterMs)), closed]);
  if (victim === 'host') child.kill('SIGKILL');
  else for (const pid of childrenOf(child.pid!)) killProcess(pid);
  await closed;
  const whole = said.split('\n').slice(0, -1);
  return whole.map((line) => line.split(' '));
}

/** Runs what is left of a session to its end, as the next program would. */
async function resumed(root: string, id: string): Promise<SessionDocument> {
  const { host: next, events } = fakeHost(deviceProcess, root);
  try {
    await next.resumeSession(id);
    await expect
      .poll(() => events.some(({ kind }) => kind === 'job-finished'), { timeout: 300_000 })
      .toBe(true);
    return await next.openSession(id);
  } finally {
    await next.close();
  }
}

/** Every session of the folder can be read, or had not begun. */
async function requireReadable(store: SessionStore, begunSession: string | undefined): Promise<void> {
  for (const { id, open, problem } of await store.list()) {
    expect(open, id).toBe(false);
    if (problem !== undefined) expect(id).not.toBe(begunSession);
  }
}

/** The runs that the host acknowledged stand in the session, with right answers. @returns it, and how many */
async function requireNothingLost(
  store: SessionStore,
  id: string,
  said: string[][],
): Promise<{ session: SessionDocument; acknowledged: number }> {
  const finished = said.flatMap(([word, run = '']) => (word === 'finished' ? [run] : []));
  const session = await store.open(id);
  expect(session.runs.map((run) => run.id).slice(0, finished.length)).toEqual(finished);
  for (const run of session.runs) expect(run.predictions).toEqual(rightAnswers);
  expect(session.failures.length).toBeLessThanOrEqual(1);
  return { session, acknowledged: finished.length };
}

/** The answers that the killed host told of the run in progress are there too. */
function requireAnswersKept({ runs, failures }: SessionDocument, said: string[][]): void {
  const answered = said.filter(([word, index]) => word === 'answered' && Number(index) === runs.length);
  const told = Number(answered.at(-1)?.[2] ?? 0);
  if (told > 0) expect(failures.at(-1)?.finishedImages).toBeGreaterThanOrEqual(told);
}

it.each<[Victim, number]>([
  ['host', Math.round(KILLS * 0.7)],
  ['device process', Math.round(KILLS * 0.3)],
])('a %s that is killed at any moment takes nothing with it that was acknowledged', async (victim, kills) => {
  const counts = { sessions: 0, acknowledged: 0, resumed: 0, failed: 0 };
  for (let i = 0; i < kills; i++) {
    const root = join(folder, `${victim.replace(' ', '-')}-${i}`);
    const said = await killAtSomeMoment(root, victim);
    if (!existsSync(root)) {
      expect(said).toEqual([]);
      continue;
    }
    const store = new SessionStore(root);
    const id = said.find(([word]) => word === 'session')?.[1];
    await requireReadable(store, id);
    if (id === undefined) continue;
    counts.sessions++;
    const { session, acknowledged } = await requireNothingLost(store, id, said);
    if (victim === 'host') requireAnswersKept(session, said);
    counts.acknowledged += acknowledged;
    counts.failed += session.failures.filter((failure) => !isCut(failure.error)).length;
    if (unfinishedCells(session).length === 0) continue;
    const whole = await resumed(root, id);
    counts.resumed++;
    expect(unfinishedCells(whole)).toEqual([]);
    expect(whole.runs.slice(0, session.runs.length)).toEqual(session.runs);
    for (const run of whole.runs) expect(run.predictions).toEqual(rightAnswers);
  }
  figure(
    `kill -9, ${victim}`,
    `${kills} killed, ${counts.sessions} with a session, ${counts.acknowledged} runs acknowledged and none lost, ` +
      `${counts.failed} runs failed, ${counts.resumed} sessions resumed to their end`,
  );
  expect(counts.sessions).toBeGreaterThan(0);
});
