import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goTo, makeHome, type Program, startProgram, startRun, waitForEnd } from './program';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const home = makeHome();
let program: Program;
beforeAll(async () => {
  program = await startProgram(home.folder);
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
afterAll(async () => {
  await program.close();
  home.dispose();
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
