import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSession } from '../../core/session/document';
import { goTo, makeHome, type Program, startProgram, startRun, tableRows, waitForEnd } from './program';

const home = makeHome();
let program: Program;
beforeAll(async () => {
  program = await startProgram(home.folder);
});
afterAll(async () => {
  await program.close();
  home.dispose();
});

it('opens with the devices of this machine and a first thing to do', async () => {
  const { page } = program;
  const main = page.getByRole('main');
  expect(await main.getByRole('button', { name: /\(PoCL\)$/, pressed: true }).count()).toBe(1);
  expect(await main.getByText('(ONNX Runtime)').count()).toBeGreaterThan(0);
  await main.getByRole('button', { name: /^Evaluate all 6 models on .+/ }).waitFor();
});

it('runs a model on a device and shows its accuracy and time', async () => {
  const { page } = program;
  await startRun(page, { device: '(PoCL)', models: ['mnist-deterministic'], samples: 256, batchSize: 32 });
  await waitForEnd(page);
  const [row] = await tableRows(page);
  expect(row).toMatch(/quick\s+mnist-deterministic\s+.*\(PoCL\)\s+fp32\s+32\s+256\s+(9[789]|100)\.\d\d/);

  await page.getByRole('button', { name: 'Show results' }).click();
  await page.getByRole('img', { name: /what is fastest/ }).waitFor();
  const [result] = await tableRows(page);
  expect(result).toMatch(/mnist-deterministic\s+(9[789]|100)\.\d\d\s+\d+\.\d\d–\d+\.\d\d\s+[\d.]+ ± \S+/);
});

it('writes a report that holds every prediction', async () => {
  const { app, page } = program;
  const path = join(home.folder, 'report.json');
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, path);
  await page.getByRole('button', { name: 'Report…' }).click();
  await page.getByRole('radio', { name: 'JSON' }).check();
  await page.getByRole('button', { name: 'Save…' }).click();
  await page.getByText(`Saved to ${path}`).waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  const session = parseSession(readFileSync(path, 'utf8'), path);
  expect(session.runs).toHaveLength(1);
  expect(session.runs[0]?.predictions).toHaveLength(256);
});

it('has the session again after a restart', async () => {
  const before = await tableRows(program.page);
  await program.close();
  program = await startProgram(home.folder);
  const { page } = program;
  await page.getByRole('main', { name: 'Results' }).waitFor();
  await page.locator('main tbody tr').first().waitFor();
  expect(await tableRows(page)).toEqual(before);
  await goTo(page, 'Sessions');
  await page.getByRole('button', { name: /^mnist-deterministic on/ }).click();
  await page.getByRole('main', { name: 'Results' }).waitFor();
  expect(await tableRows(page)).toEqual(before);
});

it('deletes a session for good once it is confirmed', async () => {
  const { page } = program;
  await goTo(page, 'Sessions');
  await page.getByRole('button', { name: /^Delete…/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete session' }).click();
  await page.getByText('The first one will stand here.').waitFor();
  expect(program.complaints).toEqual([]);
});
