/**
 * The packaged program: its fuses, its start, a run in it, and PDF from it. Runs only where BNNW_PACKAGE names the
 * executable, such as dist/packages/linux-unpacked/bnn-workbench of `npm run package -- dir`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuses } from '../../setup/fuses.mjs';
import { makeHome, startRun, tableRows, waitForEnd } from './program';

const executable = process.env.BNNW_PACKAGE ?? '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe.runIf(executable !== '')('the packaged program', () => {
  const home = makeHome();
  let child: ChildProcess;
  let browser: Browser;
  let page: Page;
  const environment = { ...process.env, BNNW_HOME: home.folder };

  beforeAll(async () => {
    const port = await freePort();
    child = spawn(executable, [`--remote-debugging-port=${port}`], { env: environment, stdio: 'ignore' });
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/json/version`).then(
            ({ ok }) => ok,
            () => false,
          ),
        {
          timeout: 60_000,
        },
      )
      .toBe(true);
    // The inspector is fused off, so the page is driven by its debugging port.
    browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const context = browser.contexts()[0];
    page = context?.pages()[0] ?? (await context!.waitForEvent('page'));
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    await browser?.close();
    child.kill();
    await ended;
    home.dispose();
  });

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
    await page
      .getByRole('contentinfo')
      .getByText(/^\d+ devices?$/)
      .waitFor();
    await startRun(page, { device: '(PoCL)', models: ['mnist-deterministic'], samples: 64, batchSize: 16 });
    await waitForEnd(page);
    expect((await tableRows(page))[0]).toMatch(/mnist-deterministic\s+.*(9\d|100)\.\d\d/s);
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
