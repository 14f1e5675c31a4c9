/** The browser mode: `bnnw serve` and a Chromium that knows nothing of the workbench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { electronExecutable } from '../../setup/electron.mjs';
import { projectFolder } from '../../setup/steps.mjs';
import { goTo, makeHome, startRun, tableRows, waitForEnd } from './program';

const home = makeHome();
let server: ChildProcess;
let address: string;
let browser: ElectronApplication | null = null;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  server = spawn(process.execPath, [join(projectFolder, 'dist/main/cli.cjs'), 'serve'], {
    env: { ...process.env, BNNW_HOME: home.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!server.stdout) throw new Error('no output');
  [address] = String((await once(server.stdout, 'data'))[0]).split('\n');
  browser = await _electron.launch({
    executablePath: electronExecutable(),
    args: [join(projectFolder, 'test/e2e/browser')],
    chromiumSandbox: true,
    env: { ...process.env, PAGE_ADDRESS: address },
  });
  page = await browser.firstWindow();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page
    .getByRole('contentinfo')
    .getByText(/^\d+ devices?$/)
    .waitFor();
});
afterAll(async () => {
  await browser?.close();
  server.kill();
  home.dispose();
});

it('shows the same page, without anything of the desktop in it', async () => {
  expect(await page.evaluate('typeof window.workbench')).toBe('undefined');
  await page
    .getByRole('main')
    .getByRole('button', { name: /\(PoCL\)$/, pressed: true })
    .waitFor();
});

it('runs a model on a device and shows its accuracy and time', async () => {
  await startRun(page, { device: '(PoCL)', models: ['mnist-deterministic'], samples: 256, batchSize: 32 });
  await waitForEnd(page);
  expect((await tableRows(page))[0]).toMatch(
    /quick\s+mnist-deterministic\s+.*fp32\s+32\s+256\s+(9[789]|100)\.\d\d/,
  );
  await page.getByRole('button', { name: 'Show results' }).click();
  await page.getByRole('img', { name: /what is fastest/ }).waitFor();
});

it('hands a report to the browser', async () => {
  const path = join(home.folder, 'report.md');
  await browser?.evaluate(({ session }, target) => {
    session.defaultSession.once('will-download', (_, item) => item.setSavePath(target));
  }, path);
  await page.getByRole('button', { name: 'Report…' }).click();
  await page.getByRole('radio', { name: 'Markdown' }).check();
  await page.getByRole('button', { name: 'Save…' }).click();
  await expect
    .poll(() => readFileSync(path, { encoding: 'utf8', flag: 'a+' }), { timeout: 20_000 })
    .toContain('mnist-deterministic');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
});

it('takes a file from the browser', async () => {
  const file = join(home.folder, 'eights and threes.json');
  writeFileSync(file, '{"not": "a session"}');
  const path = await page.evaluate(async () => {
    const body = new Blob(['{"not": "a session"}']);
    const response = await fetch(new URL('uploads/eights%20and%20threes.json', document.baseURI), {
      method: 'PUT',
      body,
    });
    return (await response.json()).value as string;
  });
  expect(path).toMatch(/eights_and_threes\.json$/);
  expect(readFileSync(path, 'utf8')).toBe('{"not": "a session"}');
});

it('compares the modes', async () => {
  const models = ['mnist-none', 'mnist-deterministic', 'mnist-stochastic'];
  await startRun(page, { device: '(PoCL)', models, samples: 1000, batchSize: 100 });
  await waitForEnd(page);
  await page.getByRole('button', { name: 'Show results' }).click();
  await goTo(page, 'Modes');
  const rows = page.getByRole('region', { name: 'What does binarization cost, and what does it save?' });
  await rows.getByText('reference').waitFor();
  await expect.poll(() => rows.locator('tbody tr').count()).toBe(3);
  await page
    .getByRole('img', { name: /^image/ })
    .first()
    .waitFor();
  await page
    .getByRole('button', { name: /^Logits of image/ })
    .first()
    .click();
  const logits = page.getByRole('table', { name: /^Logits of image/ });
  await expect.poll(() => logits.locator('tbody tr').count(), { timeout: 60_000 }).toBe(2);
  const [first = ''] = await logits.locator('tbody tr').allInnerTexts();
  expect(first).toMatch(/none(\s+−?\d+\.\d\d){10}/);
});

it('compares two sessions, keeps them as one, and opens it', async () => {
  await goTo(page, 'Sessions');
  for (const box of await page.getByRole('checkbox', { name: /^Choose/ }).all()) await box.check();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByText('2 sessions side by side, not saved.').waitFor();
  await expect.poll(() => tableRows(page)).toHaveLength(4);
  await page.getByRole('button', { name: 'Keep as one session' }).click();
  await goTo(page, 'Sessions');
  await expect.poll(() => tableRows(page)).toHaveLength(3);
});

it('shows sessions after a reload, by the same address only', async () => {
  await page.reload();
  await page
    .getByRole('contentinfo')
    .getByText(/^\d+ devices?$/)
    .waitFor();
  await goTo(page, 'Sessions');
  await expect.poll(() => tableRows(page)).toHaveLength(3);
  const { origin } = new URL(address);
  expect((await fetch(origin)).status).toBe(404);
});

it('complains about nothing, and says so where the server has ended', async () => {
  expect(complaints).toEqual([]);
  const ended = once(server, 'close');
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await goTo(page, 'Run');
  await page.getByRole('checkbox', { name: '(PoCL)' }).check();
  await page.getByRole('checkbox', { name: 'mnist-deterministic' }).check();
  await page.getByRole('main').getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('The workbench does not answer.').waitFor();
});
