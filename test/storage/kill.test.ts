import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import { runPlan } from '../../core/network/reference';
import { SessionStore } from '../../main/host/sessionStore';
import { figure } from '../figures';
import { fakeModel, fakeTestSet } from '../main/host/fakeNetwork';
import { bundle, programFolder } from '../main/host/programs';
import { testRandom } from '../random';

const KILLS = process.env.BNNW_TEST_LONG ? 500 : 10;
/** After the session's first sign of life: about as long as its job takes. One in ten is killed before it. */
const LATEST_MS = 3000;

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

const rightAnswers = predictedClasses(runPlan(lower(fakeModel), fakeTestSet.images, 100), 3);

/** What the host had said before it was killed. */
async function killAfter(root: string, afterMs: number, early: boolean): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [host, root, deviceProcess]);
  let said = '';
  child.stdout?.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const closed = once(child, 'close');
  if (!early && child.stdout) await Promise.race([once(child.stdout, 'data'), closed]);
  await Promise.race([pause(afterMs), closed]);
  child.kill('SIGKILL');
  await closed;
  return said.split('\n').slice(0, -1);
}

it('a host that is killed at any moment loses nothing that it acknowledged', async () => {
  let begun = 0;
  let acknowledged = 0;
  for (let i = 0; i < KILLS; i++) {
    const root = join(folder, `sessions-${i}`);
    const lines = (await killAfter(root, random.below(LATEST_MS), random.below(10) === 0)).map((line) =>
      line.split(' '),
    );
    const finished = lines.filter(([word]) => word === 'finished').map(([, id]) => id);
    if (!existsSync(root)) {
      expect(lines).toEqual([]);
      continue;
    }
    // A new program finds every session readable, or one that had not begun.
    const store = new SessionStore(root);
    const begunSession = lines.find(([word]) => word === 'session')?.[1];
    for (const { id, open, problem } of await store.list()) {
      expect(open, id).toBe(false);
      if (problem !== undefined) expect(id).not.toBe(begunSession);
    }
    if (begunSession === undefined) continue;
    begun++;
    acknowledged += finished.length;
    const { runs, failures } = await store.open(begunSession);
    expect(runs.map((run) => run.id).slice(0, finished.length)).toEqual(finished);
    for (const run of runs) expect(run.predictions).toEqual(rightAnswers);
    // The answers of the run in progress that were told are there too.
    const answered = lines.filter(([word, index]) => word === 'answered' && Number(index) === runs.length);
    const told = Number(answered.at(-1)?.[2] ?? 0);
    if (told > 0) expect(failures.at(-1)?.finishedImages).toBeGreaterThanOrEqual(told);
    expect(failures.length).toBeLessThanOrEqual(1);
  }
  figure('kill -9', `${KILLS} hosts killed, ${begun} with a session, ${acknowledged} runs acknowledged`);
  expect(begun).toBeGreaterThan(0);
});
