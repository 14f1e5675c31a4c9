#!/usr/bin/env node
/**
 * Times the page in the real window and prints the figures: opening a session of 500 runs with 10,000 predictions
 * each, filtering it, redrawing a dashboard of 100 runs, and tasks that hold the page up while a job runs. Sessions are copies of the example with other numbers; the job is a real one.
 * Linux only. Needs a screen: `npm run bench:window`, where there is none: xvfb-run -a npm run bench:window
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { _electron } from 'playwright-core';
import { electronExecutable } from '../../setup/electron.mjs';
import { cacheFolder } from '../../setup/folders.mjs';
import { projectFolder } from '../../setup/steps.mjs';

const TIMES = 5;
const example = JSON.parse(readFileSync(join(projectFolder, 'assets/example/session.json'), 'utf8'));

/** The example's runs again and again, each with so many answers. @param {number} runs @param {number} answers */
function session(runs, answers) {
  const id = `bench-${runs}`;
  const made = Array.from({ length: runs }, (_, i) => {
    const run = structuredClone(example.runs[i % example.runs.length]);
    const labels = Array.from({ length: answers }, (_, k) => k % 10);
    const predictions = labels.map((label, k) => ((k * 7 + i) % 97 === 0 ? (label + 1) % 10 : label));
    const correct = predictions.filter((each, k) => each === labels[k]).length;
    return {
      ...run,
      id: `run-${i + 1}`,
      batchSize: 2 ** (i % 9),
      accuracy: { correct, total: answers },
      dataset: { ...run.dataset, samples: answers, seed: null },
      imageIndices: null,
      predictions,
      labels,
    };
  });
  return { ...example, id, name: `${runs} runs`, runs: made, failures: [] };
}

/** @param {string} home @param {ReturnType<typeof session>} document */
function keep(home, document) {
  const folder = join(home, 'data/sessions', document.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'session.json'), JSON.stringify(document));
}

/** @param {number[]} times */
function told(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const ms = (/** @type {number | undefined} */ time) => (time ?? Number.NaN).toFixed(0);
  return `median ${ms(sorted[Math.floor(sorted.length / 2)])} ms, most ${ms(sorted.at(-1))} ms (${times.length} times)`;
}

/** @param {string} what @param {string} figure @param {string} bound */
function say(what, figure, bound) {
  process.stdout.write(`${what.padEnd(56)} ${figure}; bound: ${bound}\n`);
}

const home = mkdtempSync(join(tmpdir(), 'bnnw-bench-'));
symlinkSync(cacheFolder, join(home, 'cache'));
keep(home, session(500, 10_000));
keep(home, session(100, 1000));
const isRoot = process.getuid?.() === 0;
const app = await _electron.launch({
  executablePath: electronExecutable(),
  args: [projectFolder, ...(isRoot ? ['--no-sandbox'] : [])],
  chromiumSandbox: !isRoot,
  env: { ...process.env, BNNW_HOME: home },
});
try {
  const page = await app.firstWindow();
  await page
    .getByRole('contentinfo')
    .getByText(/^\d+ devices?$/)
    .waitFor();
  const goTo = (/** @type {string} */ view) =>
    page.getByRole('navigation').getByRole('button', { name: view, exact: true }).click();

  /**
   * From a deed in the page to the frame that shows it.
   * @param {string} deed an expression
   * @param {string} done true when it is shown
   * @returns {Promise<number>} ms
   */
  const timed = (deed, done) =>
    page.evaluate(`new Promise((resolve) => {
      const began = performance.now();
      const look = () => {
        if (!(${done})) return void requestAnimationFrame(look);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now() - began);
        // This frame is painted before the message comes.
        channel.port2.postMessage(0);
      };
      ${deed};
      requestAnimationFrame(look);
    })`);
  const button = (/** @type {string} */ label) =>
    `document.querySelector('main button[aria-label="${label}"]')`;
  const isDrawn = `document.querySelector('main [aria-busy="true"]') === null`;
  const openIt = async (/** @type {number} */ runs) => {
    await goTo('Sessions');
    await page.getByRole('button', { name: `Open: ${runs} runs`, exact: true }).waitFor();
    const heading = `document.querySelector('main .note')?.textContent.includes('${runs} runs')`;
    return timed(
      `${button(`Open: ${runs} runs`)}.click()`,
      `document.querySelector('main[aria-label="Results"] tbody tr') && ${heading} && ${isDrawn}`,
    );
  };

  const opened = [];
  for (let i = 0; i < TIMES; i++) {
    await openIt(100);
    opened.push(await openIt(500));
  }
  say('opening 500 runs with 10,000 predictions each', told(opened), '2,000 ms');

  const counted = `document.querySelector('main [role="status"]').textContent`;
  const filterBy = async (/** @type {string} */ words, /** @type {boolean} */ withFigures) => {
    const took = await timed(
      `const field = document.querySelector('main input[type="search"]');
       const before = ${counted};
       field.value = '${words}';
       field.dispatchEvent(new Event('input', { bubbles: true }))`,
      `${counted} !== before${withFigures ? ` && ${isDrawn}` : ''}`,
    );
    await wait(500);
    return took;
  };
  for (const withFigures of [false, true]) {
    const filtered = [];
    for (const words of ['cifar10', 'cifar10 a4', 'mnist', 'cifar10-none', '']) {
      filtered.push(await filterBy(words, withFigures));
    }
    say(
      `filtering them, until ${withFigures ? 'the figures' : 'the table'} follow${withFigures ? '' : 's'}`,
      told(filtered),
      '100 ms',
    );
  }

  await openIt(100);
  await wait(1000);
  const redrawn = [];
  for (let i = 0; i < 2 * TIMES; i++) {
    redrawn.push(
      await timed(
        `const clock = document.querySelector('main .view-header select');
         clock.value = clock.value === 'device' ? 'endToEnd' : 'device';
         clock.dispatchEvent(new Event('change', { bubbles: true }))`,
        isDrawn,
      ),
    );
    await wait(300);
  }
  say('redrawing a dashboard of 100 runs', told(redrawn), '50 ms and the frame');

  await page.evaluate(`(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ entryTypes: ['longtask'] });
  })()`);
  await goTo('Run');
  await page.getByLabel('Images', { exact: true }).selectOption('all');
  await page.getByLabel('Batch sizes').fill('16');
  await page.getByRole('group', { name: 'Models' }).getByRole('button', { name: 'None' }).click();
  for (const mode of ['none', 'deterministic', 'stochastic']) await page.getByLabel(`mnist-${mode}`).check();
  await wait(1000);
  await page.evaluate('window.longTasks.length = 0');
  await page.getByRole('main').getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('heading', { name: /^(Done|Failed|Cancelled)\./ }).waitFor({ timeout: 200_000 });
  const tasks = /** @type {number[]} */ (await page.evaluate('window.longTasks'));
  const longest = tasks.length > 0 ? `longest ${Math.max(...tasks).toFixed(0)} ms` : 'none';
  say(`tasks over 50 ms while a job runs: ${tasks.length}`, longest, 'none');
} finally {
  await app.close();
  rmSync(home, { recursive: true, force: true });
}
