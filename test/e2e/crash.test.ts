import { expect, it } from 'vitest';
import { goTo, startRun, tableRows, useProgram, waitForEnd } from './program';

const program = useProgram();

/** The process id of the device process that runs now. */
async function deviceProcessId(): Promise<number> {
  const metrics = await program.app.evaluate(({ app }) => app.getAppMetrics());
  const own = metrics.filter(({ name }) => name === 'BNN Workbench device');
  expect(own).toHaveLength(1);
  return own[0]?.pid ?? Number.NaN;
}

it('survives the death of the device process, says so and keeps what was finished', async () => {
  const { page } = program;
  // Batches of one image make the runs long enough to end one in the middle.
  const models = ['mnist-none', 'mnist-deterministic'];
  await startRun(page, { device: '(PoCL)', models, samples: null, batchSize: 1 });
  const second = page.locator('main tbody tr', { hasText: 'mnist-deterministic' });
  await second.getByText('running').waitFor({ timeout: 240_000 });
  process.kill(await deviceProcessId(), 'SIGKILL');
  await waitForEnd(page);

  const [first, failed] = await tableRows(page);
  expect(first).toMatch(/done\s+mnist-none.*10,000\s+99\.\d\d/s);
  expect(failed).toMatch(/failed\s+mnist-deterministic/);
  const alert = await page.getByRole('alert').innerText();
  expect(alert).toMatch(/process/);

  await page.getByRole('button', { name: 'Show results' }).click();
  await page.getByRole('heading', { name: 'Failures' }).waitFor();
  expect(await page.locator('main tbody tr').count()).toBe(1);
});

it('runs again afterwards', async () => {
  const { page } = program;
  await startRun(page, { device: '(PoCL)', models: ['mnist-deterministic'], samples: 200, batchSize: 50 });
  await waitForEnd(page);
  const [row] = await tableRows(page);
  expect(row).toMatch(/quick\s+mnist-deterministic.*200\s+(9[789]|100)\.\d\d/s);
  await goTo(page, 'Devices');
  expect(program.complaints).toEqual([]);
});

it('ends a job that is cancelled and leaves no device process behind', async () => {
  const { page, app } = program;
  await startRun(page, { device: '(PoCL)', models: ['mnist-stochastic'], samples: null, batchSize: 1 });
  await page.getByRole('button', { name: 'Cancel job' }).click();
  await page.getByRole('heading', { name: /^Cancelled\./ }).waitFor({ timeout: 60_000 });
  await expect
    .poll(async () => {
      const metrics = await app.evaluate(({ app: electron }) => electron.getAppMetrics());
      return metrics.filter(({ name }) => name === 'BNN Workbench device').length;
    })
    .toBe(0);
});
