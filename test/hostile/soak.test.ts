import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { figure } from '../figures';
import { fakeHost } from '../main/host/fakeHost';
import { bundle, temporaryFolder } from '../main/host/programs';

/** A day on demand: BNNW_SOAK_MINUTES=1440. */
const MINUTES = Number(process.env.BNNW_SOAK_MINUTES ?? (process.env.BNNW_TEST_LONG ? 10 : 0.1));
/** Of the host's heap, from the first third to the end. */
const MOST_GROWTH_BYTES = 16 * 2 ** 20;

const { folder, remove } = temporaryFolder();
let script: string;
beforeAll(() => {
  script = bundle(join(__dirname, '../main/host/fakeDeviceProcess.ts'), folder);
});
afterAll(remove);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const openFiles = () => readdirSync('/proc/self/fd').length;
const children = () =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').length;

it.runIf(process.platform === 'linux')(
  'a host that runs jobs hour after hour keeps neither memory nor handles',
  { timeout: 25 * 60 * 60_000 },
  async () => {
    const { host, running, runJob } = fakeHost(script, join(folder, 'sessions'));
    const endAt = Date.now() + MINUTES * 60_000;
    const work = async () => {
      // A good device, one that answers wrongly, one that has a fault, one that crashes.
      const behaviours = ['good', 'nan', 'bug', 'crash'].map((name) => `opencl:fake:${name}`);
      for (const id of behaviours) await host.restoreDevice(id).catch(() => undefined);
      const { sessionId } = await runJob({ deviceIds: behaviours, batchSizes: [50] });
      await host.openSession(sessionId);
      await host.listSessions();
      await host.deleteSession(sessionId);
    };
    await work();
    const warmAt = Date.now() + MINUTES * 20_000;
    let jobs = 1;
    for (; Date.now() < warmAt; jobs++) await work();
    const before = { heap: heapBytes(), files: openFiles(), children: children() };
    for (; Date.now() < endAt; jobs++) await work();
    await expect.poll(() => running.size).toBe(0);
    const after = { heap: heapBytes(), files: openFiles(), children: children() };
    await host.close();
    figure(
      'soak',
      `${jobs} jobs of 4 runs in ${MINUTES} minutes; heap ${((after.heap - before.heap) / 2 ** 20).toFixed(1)} MiB more, ` +
        `${after.files - before.files} files more, ${after.children - before.children} processes more`,
    );
    expect(after.heap - before.heap).toBeLessThan(MOST_GROWTH_BYTES);
    expect(after.files).toBeLessThanOrEqual(before.files);
    expect(after.children).toBeLessThanOrEqual(before.children);
  },
);
