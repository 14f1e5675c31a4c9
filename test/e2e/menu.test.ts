/** Every entry of the menu, clicked as Electron would, does what it says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseToSaveAs, deleteFirstSession, goTo, startRun, useProgram, waitForEnd } from './program';

const program = useProgram();

/** The entries of a menu, without what is told apart by its role alone. */
function labels(): Promise<[menu: string, entries: string[]][]> {
  return program.app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items ?? []).map((menu): [string, string[]] => [
      menu.label.replace('&', ''),
      (menu.submenu?.items ?? [])
        .filter(({ type }) => type !== 'separator')
        .map(({ label }) => label.replace('&', '')),
    ]),
  );
}

/** Clicks an entry. */
async function choose(menu: string, entry: string): Promise<void> {
  await program.app.evaluate(
    ({ BrowserWindow, Menu }, [inMenu, wanted]) => {
      const plain = (label: string) => label.replace('&', '');
      const found = Menu.getApplicationMenu()
        ?.items.find(({ label }) => plain(label) === inMenu)
        ?.submenu?.items.find(({ label }) => plain(label) === wanted);
      if (!found) throw new Error(`the menu has no ${inMenu}, ${wanted}`);
      const window = BrowserWindow.getAllWindows()[0];
      found.click(undefined, window, window?.webContents);
    },
    [menu, entry] as const,
  );
}

/** What the system’s dialog answers. */
async function answerDialog(filePaths: string[]): Promise<void> {
  await program.app.evaluate(({ dialog }, paths) => {
    dialog.showOpenDialog = async () => ({ canceled: paths.length === 0, filePaths: paths });
  }, filePaths);
}

const zoom = () =>
  program.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomLevel());

it('has the entries that are tried below, and no other', async () => {
  const menus = new Map(await labels());
  expect(menus.get('File')).toEqual([
    'Open session…',
    'Import model…',
    'Compare chosen sessions',
    'Merge chosen sessions',
    'Report…',
    'Settings',
    'Quit',
  ]);
  expect(menus.get('Edit')).toEqual([
    ...['Undo', 'Redo', 'Cut', 'Copy', 'Paste', 'Select All', 'Undo deletion'],
  ]);
  expect(menus.get('View')).toEqual([
    'Command palette…',
    ...['Devices', 'Models', 'Run', 'Results', 'Modes', 'Sessions', 'Inspector'],
    ...['Actual Size', 'Zoom In', 'Zoom Out', 'Toggle Full Screen', 'Reload', 'Toggle Developer Tools'],
  ]);
  expect(menus.get('Help')).toEqual(['Tour']);
});

it.each(['Devices', 'Models', 'Run', 'Results', 'Modes', 'Sessions'])('View: %s', async (view) => {
  await choose('View', view);
  await program.page.getByRole('main', { name: view }).waitFor();
});

it('File: Settings', async () => {
  await choose('File', 'Settings');
  await program.page.getByRole('main', { name: 'Settings' }).waitFor();
});

it('View: Command palette…, Inspector', async () => {
  const { page } = program;
  await choose('View', 'Command palette…');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  const before = await inspector.count();
  await choose('View', 'Inspector');
  await expect.poll(() => inspector.count()).toBe(1 - before);
  await choose('View', 'Inspector');
  await expect.poll(() => inspector.count()).toBe(before);
});

it('View: Zoom In, Zoom Out, Actual Size', async () => {
  await choose('View', 'Zoom In');
  await expect.poll(zoom).toBeGreaterThan(0);
  await choose('View', 'Actual Size');
  await expect.poll(zoom).toBe(0);
  await choose('View', 'Zoom Out');
  await expect.poll(zoom).toBeLessThan(0);
  await choose('View', 'Actual Size');
  await expect.poll(zoom).toBe(0);
});

it('Help: Tour', async () => {
  const { page } = program;
  await choose('Help', 'Tour');
  await page.getByRole('dialog', { name: 'Tour' }).getByRole('button', { name: 'Skip the tour' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('File: Report… shows the report of the open session', async () => {
  const { page } = program;
  await startRun(page, { device: '(PoCL)', models: ['mnist-deterministic'], samples: 64, batchSize: 32 });
  await waitForEnd(page);
  await page.getByRole('button', { name: 'Show results' }).click();
  await goTo(page, 'Devices');
  await choose('File', 'Report…');
  await page.getByRole('dialog', { name: 'Report' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('File: Open session… takes the file in, and nothing where none is chosen', async () => {
  const { page } = program;
  const path = join(program.home, 'kept.json');
  await chooseToSaveAs(program, path);
  await goTo(page, 'Results');
  await page.getByRole('button', { name: 'Report…' }).click();
  await page.getByRole('radio', { name: 'JSON' }).check();
  await page.getByRole('button', { name: 'Save…' }).click();
  await page.getByText(`Saved to ${path}`).waitFor();
  await page.keyboard.press('Escape');
  await goTo(page, 'Devices');
  await answerDialog([]);
  await choose('File', 'Open session…');
  await answerDialog([path]);
  await choose('File', 'Open session…');
  await page.getByRole('main', { name: 'Sessions' }).waitFor();
  await page.getByText('kept.json was taken in.').waitFor();
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(2);
});

it('File: Import model… hands the file to the models, which say what is wrong with it', async () => {
  const { page } = program;
  const path = join(program.home, 'no-model.safetensors');
  writeFileSync(path, 'no model');
  await answerDialog([path]);
  await choose('File', 'Import model…');
  await page.getByRole('main', { name: 'Models' }).waitFor();
  await page.getByRole('alert').getByText('no-model.safetensors').first().waitFor();
});

it('File: Compare and Merge chosen sessions say where to choose, then do it', async () => {
  const { page } = program;
  await goTo(page, 'Devices');
  await choose('File', 'Compare chosen sessions');
  await page.getByRole('main', { name: 'Sessions' }).waitFor();
  await page.getByText('Choose two sessions or more').first().waitFor();
  for (const box of await page.getByRole('checkbox', { name: /^Choose/ }).all()) await box.check();
  await choose('File', 'Merge chosen sessions');
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(3);
  await goTo(page, 'Sessions');
  const boxes = page.getByRole('checkbox', { name: /^Choose/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await choose('File', 'Compare chosen sessions');
  await page.getByText(/sessions side by side, not saved\.$/).waitFor();
});

it('Edit: Undo deletion', async () => {
  const { page } = program;
  await goTo(page, 'Sessions');
  await deleteFirstSession(page);
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(2);
  await choose('Edit', 'Undo deletion');
  await expect.poll(() => page.locator('main tbody tr').count()).toBe(3);
});

it('Edit: Select All, Cut, Undo, Redo, Copy and Paste work in a field', async () => {
  const { page } = program;
  const search = page.getByLabel('Search');
  await search.fill('abc');
  await search.focus();
  const steps: [entry: string, value: string][] = [
    ['Select All', 'abc'],
    ['Cut', ''],
    ['Undo', 'abc'],
    ['Redo', ''],
    ['Paste', 'abc'],
    ['Select All', 'abc'],
    ['Copy', 'abc'],
    ['Paste', 'abc'],
  ];
  for (const [entry, value] of steps) {
    await choose('Edit', entry);
    await expect.poll(() => search.inputValue(), { message: entry }).toBe(value);
  }
  await search.fill('');
  expect(program.complaints).toEqual([]);
});

it('View: Toggle Full Screen, Reload, Toggle Developer Tools', async () => {
  const { app, page } = program;
  const isFull = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isFullScreen());
  await choose('View', 'Toggle Full Screen');
  await expect.poll(isFull).toBe(true);
  await choose('View', 'Toggle Full Screen');
  await expect.poll(isFull).toBe(false);
  await page.evaluate('window.wasHere = true');
  await choose('View', 'Reload');
  await expect.poll(() => page.evaluate('typeof window.wasHere').catch(() => null)).toBe('undefined');
  const hasTools = () =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.isDevToolsOpened());
  await choose('View', 'Toggle Developer Tools');
  await expect.poll(hasTools, { timeout: 20_000 }).toBe(true);
  await choose('View', 'Toggle Developer Tools');
  await expect.poll(hasTools, { timeout: 20_000 }).toBe(false);
});

it('File: Quit ends the program', async () => {
  const ended = program.app.waitForEvent('close');
  await choose('File', 'Quit').catch(() => undefined);
  await ended;
});
