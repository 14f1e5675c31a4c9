/**
 * The packaged program: its fuses, its start, a run in it, and PDF from it. Runs only where BNNW_PACKAGE names the
 * executable, such as dist/packages/linux-unpacked/bnn-workbench of `npm run package -- dir`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { fuses } from '../../setup/fuses.mjs';
import { makeHome } from './program';

const executable = process.env.BNNW_PACKAGE ?? '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const targetsSchema = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }));
const answerSchema = z.object({
  id: z.number(),
  result: z.object({ result: z.object({ value: z.unknown() }) }),
});

/** The page's debugging socket, as soon as there is one: the inspector of the main process is fused off. */
async function connect(port: number): Promise<WebSocket> {
  for (;;) {
    await wait(100);
    const list = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => null);
    const targets = list === null ? [] : targetsSchema.parse(await list.json());
    const page = targets.find(({ type }) => type === 'page');
    if (page === undefined) continue;
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await once(socket, 'open');
    return socket;
  }
}

describe.runIf(executable !== '')('the packaged program', () => {
  const home = makeHome();
  let child: ChildProcess;
  let socket: WebSocket;
  const environment = { ...process.env, BNNW_HOME: home.folder };

  beforeAll(async () => {
    const port = await freePort();
    child = spawn(executable, [`--remote-debugging-port=${port}`], { env: environment, stdio: 'ignore' });
    socket = await connect(port);
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    socket.close();
    child.kill();
    await ended;
    home.dispose();
  });

  /** The value of an expression in the page, waited for. */
  async function inPage(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
    const [data] = await once(socket, 'message');
    return answerSchema.parse(JSON.parse(String(data))).result.result.value;
  }

  it('has its fuses as they are meant, as far as this Electron has them', async () => {
    const wire = await getCurrentFuseWire(executable);
    const names = {
      runAsNode: FuseV1Options.RunAsNode,
      enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
      enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
      enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
      loadBrowserProcessSpecificV8Snapshot: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
      grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
    } satisfies Record<keyof typeof fuses, FuseV1Options>;
    const keys = Object.keys(fuses) as (keyof typeof fuses)[];
    const there = keys.filter((key) => wire[names[key]] !== undefined);
    expect(there).toContain('runAsNode');
    for (const key of there) {
      expect([key, wire[names[key]]]).toEqual([key, (fuses[key] ? '1' : '0').charCodeAt(0)]);
    }
  });

  it('runs as no Node', () => {
    const { stdout } = spawnSync(executable, ['-e', 'console.log("node")'], {
      env: { ...environment, ELECTRON_RUN_AS_NODE: '1', BNNW_HOME: join(home.folder, 'other') },
      timeout: 10_000,
      encoding: 'utf8',
    });
    expect(stdout).not.toContain('node');
  });

  it('carries the licences of all packages inside', () => {
    const text = readFileSync(join(dirname(executable), 'LICENCES-OF-PACKAGES.txt'), 'utf8');
    for (const name of ['zod', 'vue', 'chart.js', 'onnxruntime-node', 'long']) {
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('opens, finds the devices and runs a model', async () => {
    const footer = 'document.querySelector("footer")?.textContent';
    await expect.poll(() => inPage(footer), { timeout: 60_000 }).toMatch(/[1-9] devices?\s*$/);
    const job = {
      ...{ deviceIds: ['onnxruntime:cpu'], models: ['mnist-deterministic'], dataset: null },
      ...{ precisions: ['fp32'], batchSizes: [16], samples: 64, seed: 1, sessionName: null },
    };
    const started = await inPage(`window.workbench.request('startJob', ${JSON.stringify(job)})`);
    expect(started).toEqual(expect.objectContaining({ ok: true }));
    const sessions = `window.workbench.request('listSessions', {})`;
    const done = { ok: true, value: [{ runs: 1, failures: 0, open: false }] };
    await expect.poll(() => inPage(sessions), { timeout: 60_000 }).toMatchObject(done);
  });

  it('prints PDF', () => {
    const [from, to] = [join(home.folder, 'page.html'), join(home.folder, 'page.pdf')];
    writeFileSync(from, '<!doctype html><title>A page</title><p>A page');
    const { status, stderr } = spawnSync(executable, ['--print-report', from, to], {
      env: environment,
      timeout: 60_000,
      encoding: 'utf8',
    });
    expect([status, existsSync(to)], stderr).toEqual([0, true]);
    expect(readFileSync(to, 'latin1')).toMatch(/^%PDF-/);
  });
});
