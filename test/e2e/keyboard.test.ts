/** A device, a run, its results and a report, by keyboard alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { chooseToSaveAs, tableRows, useProgram, waitForEnd } from './program';

const program = useProgram();

/** What a screen reader would say of the element that has the focus. */
const FOCUSED = `(() => {
  const { activeElement: each } = document;
  const label = each?.labels?.[0]?.textContent ?? each?.textContent ?? '';
  return (each?.getAttribute('aria-label') ?? label).replace(/\\s+/g, ' ').trim();
})()`;
const MOST_STOPS = 250;

/** Presses Tab, or Shift and Tab, until the focus is on what is named so. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < MOST_STOPS; i++) {
    await page.keyboard.press(key);
    const focused = await page.evaluate<string>(FOCUSED);
    if (name.test(focused)) return;
    passed.push(focused);
  }
  throw new Error(`no ${name} among ${[...new Set(passed)].join(' | ')}`);
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

it('chooses a device on its card', async () => {
  const { page } = program;
  await press(page, 'Control+1');
  // Not the button of the first start, which evaluates on it at once.
  await tabTo(page, /^(?!Evaluate).*\(PoCL\)$/);
  await press(page, 'Enter');
  await tabTo(page, /^Run on this device/);
  await press(page, 'Enter');
  await page.getByRole('main', { name: 'Run' }).waitFor();
  expect(await page.getByRole('checkbox', { name: '(PoCL)' }).isChecked()).toBe(true);
});

it('fills in a job and runs it', async () => {
  const { page } = program;
  await tabTo(page, /^None$/);
  await press(page, 'Enter');
  await tabTo(page, /^mnist-deterministic$/);
  await press(page, 'Space');
  await tabTo(page, /^Images$/);
  await page.keyboard.type('other');
  await tabTo(page, /^Number of images$/);
  await press(page, 'Control+a');
  await page.keyboard.type('64');
  await tabTo(page, /^Batch sizes$/);
  await press(page, 'Control+a');
  await page.keyboard.type('16');
  await tabTo(page, /^Run$/, 'Shift+Tab');
  await press(page, 'Enter');
  await waitForEnd(page);
  expect((await tableRows(page))[0]).toMatch(/mnist-deterministic.*\s64\s/s);
});

it('looks at the results, their baseline and the numbers of a figure', async () => {
  const { page } = program;
  await tabTo(page, /^Show results$/);
  await press(page, 'Enter');
  await page.getByRole('main', { name: 'Results' }).waitFor();
  await tabTo(page, /^Compare with this run/);
  await press(page, 'Enter');
  await page.locator('main tbody').getByText('baseline', { exact: true }).waitFor();
  await tabTo(page, /^Table of its numbers/);
  await press(page, 'Enter');
  await page.getByRole('group', { name: /^Table of its numbers/ }).waitFor();
});

it('writes a report', async () => {
  const { page } = program;
  const path = join(program.home, 'by-keyboard.md');
  await chooseToSaveAs(program, path);
  await press(page, 'Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('report');
  await press(page, 'ArrowDown', 'Enter');
  await page.getByRole('dialog', { name: 'Report' }).waitFor();
  // The focus stands on the first choice.
  await expect.poll(() => page.evaluate(FOCUSED)).toBe('HTML');
  await press(page, 'ArrowDown', 'ArrowDown');
  expect(await page.getByRole('radio', { name: 'Markdown' }).isChecked()).toBe(true);
  await tabTo(page, /^Save…$/);
  await press(page, 'Enter');
  await page.getByText(`Saved to ${path}`).waitFor();
  expect(readFileSync(path, 'utf8')).toContain('mnist-deterministic');
  // The preview of the page is a frame: Tab goes in, and comes out again at its other end.
  await tabTo(page, /^Markdown$/, 'Shift+Tab');
  await press(page, 'ArrowUp', 'ArrowUp');
  await page.getByTitle('Preview').waitFor();
  await tabTo(page, /^Close$/);
  await press(page, 'Tab');
  expect(await page.evaluate('document.activeElement.title')).toBe('Preview');
  await tabTo(page, /^Back to the formats$/);
  await tabTo(page, /^HTML$/);
  await press(page, 'Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(program.complaints).toEqual([]);
});
