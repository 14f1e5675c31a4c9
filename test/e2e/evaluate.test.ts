import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseSession } from '../../core/session/document';
import {
  chooseToSaveAs,
  deleteFirstSession,
  dropFile,
  goTo,
  startRun,
  tableRows,
  useProgram,
  waitForEnd,
} from './program';

const program = useProgram();

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
  expect(result).toMatch(
    /mnist-deterministic\s+(9[789]|100)\.\d\d\s+\d+\.\d\d–\d+\.\d\d\s+[\d.]+ (± \S+|\(\S+ to \S+\))/,
  );
});

it('writes a report that holds every prediction', async () => {
  const { page } = program;
  const path = join(program.home, 'report.json');
  await chooseToSaveAs(program, path);
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
  await program.restart();
  const { page } = program;
  await page.getByRole('main', { name: 'Results' }).waitFor();
  await page.locator('main tbody tr').first().waitFor();
  expect(await tableRows(page)).toEqual(before);
  await goTo(page, 'Sessions');
  await page.getByRole('button', { name: /^Open: mnist-deterministic on/ }).click();
  await page.getByRole('main', { name: 'Results' }).waitFor();
  expect(await tableRows(page)).toEqual(before);
});

it('keeps what a person writes on a session, and finds it by that', async () => {
  const { page } = program;
  await goTo(page, 'Sessions');
  await page.getByRole('button', { name: /^mnist-deterministic on/ }).click();
  await page.getByLabel('Tags').fill('paper, first');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('main tbody').getByText('first').waitFor();
  await page.getByLabel('Search').fill('stochastic');
  await page.getByText('No session fits.').waitFor();
  await page.getByLabel('Search').fill('paper');
  await page.getByRole('button', { name: /^mnist-deterministic on/ }).waitFor();
  await page.getByLabel('Search').fill('');
});

it('takes a session file in and compares it with another', async () => {
  const { page } = program;
  await goTo(page, 'Sessions');
  await page
    .getByLabel('session.json files and HTML reports')
    .setInputFiles(join(program.home, 'report.json'));
  await page.getByText('report.json was taken in.').waitFor();
  for (const box of await page.getByRole('checkbox', { name: /^Choose/ }).all()) await box.check();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('main', { name: 'Results' }).waitFor();
  await page.getByText('2 sessions side by side, not saved.').waitFor();
  await page.getByRole('button', { name: 'Keep as one session' }).click();
  await goTo(page, 'Sessions');
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(3);
});

it('deletes a session, and has it back', async () => {
  const { page } = program;
  await goTo(page, 'Sessions');
  await deleteFirstSession(page);
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(3);
});

it('takes a file in that is dropped on any view', async () => {
  const { page } = program;
  await goTo(page, 'Devices');
  await dropFile(page, join(program.home, 'report.json'));
  await page.getByRole('main', { name: 'Sessions' }).waitFor();
  await page.getByText('report.json was taken in.').waitFor();
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(4);
  expect(program.complaints).toEqual([]);
});
