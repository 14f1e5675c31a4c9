/** Starts the real desktop program on a folder of its own and drives it as a person does. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { electronExecutable } from '../../setup/electron.mjs';
import { cacheFolder } from '../../setup/folders.mjs';
import { projectFolder } from '../../setup/steps.mjs';

/** On a machine that is busy with other things. */
const STARTING_MS = 120_000;

/** A fresh home for settings and sessions. Data sets and drivers are taken from the user's cache. */
export function makeHome(): { folder: string; dispose(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-home-'));
  symlinkSync(cacheFolder, join(folder, 'cache'));
  return { folder, dispose: () => rmSync(folder, { recursive: true }) };
}

export interface Program {
  app: ElectronApplication;
  page: Page;
  /** What the page complained about: errors and violations of its content security policy. */
  complaints: string[];
  close(): Promise<void>;
}

/** The program of a test file: started before its tests on a home of its own, and closed after them. */
export interface Stage extends Program {
  home: string;
  /** Closes it and starts it again on the same home. */
  restart(): Promise<void>;
}

/** Starts the program before the tests of the file, or of the group, that calls this. */
export function useProgram(): Stage {
  const home = makeHome();
  let program: Program | null = null;
  const running = () => {
    if (program === null) throw new Error('the program runs only while the tests do');
    return program;
  };
  beforeAll(async () => {
    program = await startProgram(home.folder);
  });
  afterAll(async () => {
    await program?.close();
    home.dispose();
  });
  return {
    home: home.folder,
    get app() {
      return running().app;
    },
    get page() {
      return running().page;
    },
    get complaints() {
      return running().complaints;
    },
    close: () => running().close(),
    async restart() {
      await running().close();
      program = null;
      program = await startProgram(home.folder);
    },
  };
}

/** The program with its window open and its devices found. */
export async function startProgram(home: string): Promise<Program> {
  if (process.getuid?.() === 0) {
    throw new Error('root gets no sandbox: run `npm test`, which starts these tests as another user');
  }
  const app = await _electron.launch({
    executablePath: electronExecutable(),
    args: [projectFolder],
    chromiumSandbox: true,
    env: { ...process.env, BNNW_HOME: home },
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page
    .getByRole('contentinfo')
    .getByText(/^\d+ devices?$/)
    .waitFor({ timeout: STARTING_MS });
  return { app, page, complaints, close: () => app.close() };
}

export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: view, exact: true }).click();
  await page.getByRole('main', { name: view }).waitFor();
}

export interface Choice {
  /** Part of a device's label. */
  device: string;
  models: string[];
  /** Null for the whole test set. */
  samples: number | null;
  batchSize: number;
}

/** Fills in the Run view and presses Run. */
export async function startRun(page: Page, { device, models, samples, batchSize }: Choice): Promise<void> {
  await goTo(page, 'Run');
  for (const box of await page.getByRole('group', { name: 'Devices' }).getByRole('checkbox').all()) {
    await box.uncheck();
  }
  await page.getByRole('checkbox', { name: device }).check();
  await page.getByRole('group', { name: 'Models' }).getByRole('button', { name: 'None' }).click();
  for (const model of models) await page.getByRole('checkbox', { name: model }).check();
  await page.getByLabel('Batch sizes').fill(String(batchSize));
  await page.getByLabel('Images', { exact: true }).selectOption(samples === null ? 'all' : 'other');
  if (samples !== null) await page.getByLabel('Number of images').fill(String(samples));
  await page.getByRole('main').getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel job' }).waitFor();
}

export async function waitForEnd(page: Page): Promise<void> {
  await page.getByRole('heading', { name: /^(Done|Failed|Cancelled)\./ }).waitFor({ timeout: 240_000 });
}

/** The lines of the job's table, or of any other in the view. */
export async function tableRows(page: Page): Promise<string[]> {
  return page.getByRole('main').locator('tbody tr').allInnerTexts();
}

/** Dialogs that ask where to save are answered with this path from now on. */
export async function chooseToSaveAs({ app }: Program, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, path);
}

/** The view of the sessions must be shown. */
export async function deleteFirstSession(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Delete: / })
    .first()
    .click();
}

/** Drags a file of the disk over the middle of the window, and lets go. */
export async function dropFile(page: Page, path: string): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devTools.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  await devTools.detach();
}
