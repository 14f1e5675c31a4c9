/**
 * Makes the pictures of docs/images: each view, light and dark, over a real quick evaluation of all bundled
 * models. Runs only when asked: BNNW_SCREENSHOTS names the folder to write to.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goTo, useProgram, waitForEnd } from './program';

const folder = process.env.BNNW_SCREENSHOTS ?? '';
const MODELS = ['mnist', 'cifar10'].flatMap((dataset) =>
  ['none', 'deterministic', 'stochastic'].map((mode) => `${dataset}-${mode}`),
);
const VIEWS = ['Devices', 'Models', 'Run', 'Results', 'Modes', 'Sessions', 'Settings'];

describe.runIf(folder !== '')('screenshots', () => {
  const program = useProgram();

  async function picture(name: string): Promise<void> {
    // The mouse out of the way, so that nothing is drawn as hovered.
    await program.page.mouse.move(0, 0);
    await program.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  }

  async function inBothThemes(view: string, name: string): Promise<void> {
    for (const theme of ['Light', 'Dark']) {
      await goTo(program.page, 'Settings');
      await program.page.getByLabel(theme, { exact: true }).check();
      await goTo(program.page, view);
      await picture(`${name}-${theme.toLowerCase()}`);
    }
  }

  it('show the first start', () => inBothThemes('Devices', 'first-start'));

  it('show a run at work', async () => {
    const { page } = program;
    await goTo(page, 'Run');
    await page.getByRole('checkbox', { name: '(PoCL)' }).check();
    await page.getByRole('checkbox', { name: '(ONNX Runtime)' }).check();
    await page.getByLabel('Batch sizes').fill('50');
    await page.getByRole('main').getByRole('button', { name: 'Run', exact: true }).click();
    const fourth = page.locator('main tbody tr', { hasText: MODELS[3] }).first();
    await fourth.getByText(/\d+ \/ 1,000/).waitFor({ timeout: 300_000 });
    await inBothThemes('Run', 'running');
    await waitForEnd(page);
  });

  it.each(VIEWS)('show %s', async (view) => {
    const { page } = program;
    if (view === 'Models') {
      await goTo(page, view);
      await page.getByRole('button', { name: 'cifar10-deterministic', exact: true }).click();
      await page
        .getByRole('button', { name: /conv 3x3/ })
        .nth(1)
        .click();
      await page.getByText(/weights are \+1/).waitFor();
    }
    if (view === 'Modes') {
      await goTo(page, view);
      await page.getByLabel('Runs to compare').selectOption({ index: 1 });
      await page
        .getByRole('img', { name: /^image/ })
        .first()
        .waitFor();
    }
    if (view === 'Results') {
      await goTo(page, view);
      for (const model of ['mnist-none', 'cifar10-none']) {
        await page
          .getByRole('button', { name: `Compare with this run: ${model}`, exact: false })
          .last()
          .click();
      }
      await page.getByRole('button', { name: 'cifar10-deterministic', exact: true }).first().click();
    }
    await inBothThemes(view, view.toLowerCase());
    expect(program.complaints).toEqual([]);
  });
});
