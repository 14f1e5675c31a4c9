import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { deleteFirstSession, goTo, startRun, useProgram, waitForEnd } from './program';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const program = useProgram();
beforeAll(async () => {
  const { page } = program;
  await startRun(page, {
    device: '(ONNX Runtime)',
    models: ['mnist-none', 'mnist-deterministic'],
    samples: 64,
    batchSize: 16,
  });
  await waitForEnd(page);
  await page.evaluate(axe);
});

/** What axe finds, each with its rule and its elements. */
async function violations(): Promise<string[]> {
  const results = await program.page.evaluate<AxeResults>('axe.run(document)');
  expect(results.passes.length).toBeGreaterThan(10);
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

describe.each(['Light', 'Dark'])('in the theme %s', (theme) => {
  beforeAll(async () => {
    await goTo(program.page, 'Settings');
    await program.page.getByLabel(theme, { exact: true }).check();
  });

  it.each(['Devices', 'Models', 'Run', 'Results', 'Modes', 'Sessions', 'Settings'])(
    '%s has no violation',
    async (view) => {
      await goTo(program.page, view);
      expect(await violations()).toEqual([]);
    },
  );

  it('the tour has none at any of its stops', async () => {
    const { page } = program;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('tour');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const tour = page.getByRole('dialog', { name: 'Tour' });
    for (let stop = 1; stop <= 6; stop++) {
      await tour.getByText(`${stop} of 6`).waitFor();
      expect(await violations()).toEqual([]);
      await tour.getByRole('button', { name: /^(Next|Done)$/ }).click();
    }
    await tour.waitFor({ state: 'detached' });
  });

  it('a figure with its table and its menu has none', async () => {
    const { page } = program;
    await goTo(page, 'Results');
    await page
      .getByRole('button', { name: /^Table of its numbers/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^Copy: / })
      .first()
      .click();
    await page.getByRole('menu').waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Table of its numbers/ })
      .first()
      .click();
  });

  it.each(['HTML', 'Markdown'])('the report as %s has none', async (format) => {
    const { page } = program;
    await goTo(page, 'Results');
    await page.getByRole('button', { name: 'Report…' }).click();
    await page.getByRole('radio', { name: format }).check();
    await page.getByText('Drawing…').waitFor({ state: 'detached' });
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('a deletion and its undo have none', async () => {
    const { page } = program;
    await goTo(page, 'Sessions');
    await deleteFirstSession(page);
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page
      .getByRole('button', { name: /^Open: / })
      .first()
      .click();
  });

  it('a narrow window with the inspector over it has none', async () => {
    const { app, page } = program;
    const resize = (width: number) =>
      app.evaluate(
        ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to, 800),
        width,
      );
    await resize(900);
    await goTo(page, 'Results');
    await page.getByRole('button', { name: 'Inspector', exact: true }).click();
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
    await resize(1360);
  });

  it('the command palette has none', async () => {
    await program.page.keyboard.press('Control+k');
    await program.page.getByRole('dialog').waitFor();
    expect(await violations()).toEqual([]);
    await program.page.keyboard.press('Escape');
    await program.page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

it('every view is reached and left by keyboard alone', async () => {
  const { page } = program;
  for (const [key, view] of [
    ['1', 'Devices'],
    ['2', 'Models'],
    ['3', 'Run'],
    ['4', 'Results'],
    ['5', 'Modes'],
    ['6', 'Sessions'],
    [',', 'Settings'],
  ] as const) {
    await page.keyboard.press(`Control+${key}`);
    await page.getByRole('main', { name: view }).waitFor();
  }
});
