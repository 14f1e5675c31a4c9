// @vitest-environment happy-dom
import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../core/errors';
import { exampleRun } from '../core/report/exampleRun';
import { exampleSession } from '../core/session/exampleSession';
import { createFakeHost, pocl } from './fakeHost';
import { button, openPage } from './page';

describe('the first start', () => {
  it('shows the devices and evaluates all bundled models with one button', async () => {
    const { page, host } = await openPage();
    expect(page.text()).toContain('2 devices found, 3 models bundled.');
    expect(page.text()).toContain('Some CPU (ONNX Runtime)');
    await button(page, 'Evaluate all 3 models on Some CPU (PoCL)').trigger('click');
    await flushPromises();
    expect(host.jobs).toMatchObject([
      {
        deviceIds: [pocl.id],
        models: ['mnist-none', 'mnist-deterministic', 'mnist-stochastic'],
        samples: 1000,
      },
    ]);
    expect(page.find('main').attributes('aria-label')).toBe('Run');
  });

  it('is over once there is a session, which is open then', async () => {
    const host = createFakeHost();
    host.sessions = [exampleSession];
    const { page } = await openPage(host);
    expect(page.text()).not.toContain('Start here');
    await button(page, 'Results').trigger('click');
    expect(page.text()).toContain(exampleSession.name);
  });
});

describe('devices', () => {
  it('come with advice where a driver shows none', async () => {
    const host = createFakeHost();
    host.advice = [{ subject: 'Intel CPU', problem: 'shows no device', remedy: 'Install it again.' }];
    const { page } = await openPage(host);
    expect(page.text()).toContain('Intel CPU: shows no device');
    expect(page.text()).toContain('Install it again.');
  });

  it('tell how healthy they are, and offer the way back to one that is set aside', async () => {
    const host = createFakeHost();
    const failures = { count: 3, lastAt: '2026-01-02T03:04:05.000Z', lastMessage: 'It crashed.' };
    host.conditions[pocl.id] = { failures, isSetAside: true, sensors: [], sensorAdvice: [] };
    const { page } = await openPage(host);
    const [cpu, other] = page.findAll('article').map((card) => card.text());
    expect(cpu).toMatch(/Health\s*3 failures in a row.*quarantined.*It crashed\./s);
    expect(other).toMatch(/Health\s*no failures/);
    await button(page, 'Use again: Some CPU (PoCL)').trigger('click');
    await flushPromises();
    expect(page.find('article').text()).toMatch(/Health\s*no failures/);
  });

  it('are explained by the inspector', async () => {
    const { page } = await openPage();
    await button(page, 'Some CPU (ONNX Runtime)').trigger('click');
    expect(page.find('aside').text()).toContain('onnxruntime:cpu');
  });
});

describe('models', () => {
  it('show their layers and what of them is binary', async () => {
    const { page } = await openPage();
    await button(page, 'Models').trigger('click');
    await button(page, 'mnist-deterministic').trigger('click');
    const layers = page.findAll('aside tbody tr').map((row) => row.text());
    expect(layers).toContainEqual(expect.stringMatching(/linear\s*1 bit\s*1000\s*785,000/));
    expect(layers.at(-1)).toMatch(/linear\s*10\s*5,010/);
  });

  it('are sorted by a click on a head', async () => {
    const { page } = await openPage();
    await button(page, 'Models').trigger('click');
    const names = () => page.findAll('main tbody .first').map((cell) => cell.text());
    await button(page, 'Mode').trigger('click');
    expect(names()).toEqual(['mnist-deterministic', 'mnist-none', 'mnist-stochastic']);
    await button(page, 'Mode').trigger('click');
    expect(names()).toEqual(['mnist-stochastic', 'mnist-none', 'mnist-deterministic']);
  });
});

describe('a run', () => {
  it('shows its progress, can be cancelled, and shows where it failed', async () => {
    const { page, host } = await openPage();
    await button(page, 'Run').trigger('click');
    await page.find('.button.main').trigger('click');
    await flushPromises();
    expect(host.jobs).toHaveLength(1);
    host.tell({ kind: 'job-started', jobId: 'job-1', sessionId: 'new-session', totalRuns: 3 });
    host.tell({
      ...{ kind: 'run-progress', jobId: 'job-1', runIndex: 0, totalRuns: 3, phase: 'running' },
      ...{ deviceName: pocl.name, modelId: 'mnist-none', precision: 'fp32', batchSize: 256 },
      ...{ doneImages: 512, totalImages: 1000, correctImages: 256, secondsLeft: 65 },
    });
    await flushPromises();
    expect(page.text()).toContain('Run 1 of 3: mnist-none, 512 of 1,000 images');
    expect(page.text()).toContain('1 min 5 s left');
    expect(page.text()).toContain('50.00');
    expect(page.find('.button.main').text()).toBe('Add to queue');
    await button(page, 'Cancel job').trigger('click');
    await flushPromises();
    expect(host.cancelled).toEqual(['job-1']);

    host.tell({
      ...{ kind: 'run-failed', jobId: 'job-1', sessionId: 'new-session', runIndex: 0 },
      failure: {
        ...{ deviceName: pocl.name, modelId: 'mnist-none', precision: 'fp32', batchSize: 256 },
        ...{ at: '2026-01-02T03:04:05.000Z', finishedImages: 512 },
        error: {
          ...{ kind: 'device-lost', message: 'The device process was killed.', where: pocl.name },
          ...{ remedy: 'Run it again.', details: null },
        },
      },
    });
    await flushPromises();
    expect(page.find('[role=alert]').text()).toContain('The device process was killed.');
    expect(page.find('[role=alert]').text()).toContain('Run it again.');
  });

  it('tells why the host refuses it', async () => {
    const host = createFakeHost();
    host.refusal = new WorkbenchError('usage', 'There is no such model.', { remedy: 'Choose another.' });
    const { page } = await openPage(host);
    await button(page, 'Run').trigger('click');
    await page.find('.button.main').trigger('click');
    await flushPromises();
    expect(page.find('[role=alert]').text()).toContain('There is no such model.');
  });
});

describe('results', () => {
  async function openResults() {
    const host = createFakeHost();
    const runs = [
      exampleRun({ id: 'slow', model: { id: 'm-none', mode: 'none' }, batchMs: [10] }),
      exampleRun({ id: 'fast', model: { id: 'm-deterministic', mode: 'deterministic' }, batchMs: [5] }),
    ];
    host.sessions = [{ ...exampleSession, runs }];
    const { page } = await openPage(host);
    await button(page, 'Results').trigger('click');
    return { page, host };
  }

  it('compare all runs with the one that was flagged', async () => {
    const { page } = await openResults();
    expect(page.findAll('.chart-stub').map((chart) => chart.text())).toEqual([
      'data: what does binarization cost?',
      'data: what is fastest?',
      'data: what accuracy for what time?',
    ]);
    await button(page, 'Compare with this run: m-none, Device (Platform)').trigger('click');
    const rows = page.findAll('main tbody tr').map((row) => row.text());
    expect(rows[0]).toContain('baseline');
    expect(rows[1]).toContain('2.00 x faster');
  });

  it('say once what all runs have in common', async () => {
    const { page } = await openResults();
    expect(page.text()).toContain('Device (Platform), fp32, batch 2, 4 images');
    expect(page.findAll('main th').map((head) => head.text())).not.toContain('Precision');
  });

  it('show failures with their error', async () => {
    const { page } = await openResults();
    expect(page.find('[role=alert]').text()).toContain('It crashed.');
  });
});

describe('sessions', () => {
  async function openSessions() {
    const host = createFakeHost();
    host.sessions = [exampleSession, { ...exampleSession, id: 'second', name: 'Second' }];
    const { page } = await openPage(host);
    await button(page, 'Sessions').trigger('click');
    return { page, host };
  }
  const names = (page: VueWrapper) => page.findAll('main tbody .first').map((cell) => cell.text());

  it('are deleted at once, and brought back by undo', async () => {
    const { page, host } = await openSessions();
    await button(page, `Delete: ${exampleSession.name}`).trigger('click');
    await flushPromises();
    expect(host.deleted.map(({ id }) => id)).toEqual([exampleSession.id]);
    expect(names(page)).toEqual(['Second']);
    expect(page.text()).toContain(`“${exampleSession.name}” was deleted.`);
    await button(page, 'Undo').trigger('click');
    await flushPromises();
    expect(names(page)).toEqual(['Second', exampleSession.name]);
    expect(host.deleted).toEqual([]);
  });

  it('are found by every word of what they hold', async () => {
    const { page } = await openSessions();
    await page.find('input[type=search]').setValue('sec model');
    expect(names(page)).toEqual(['Second']);
    await page.find('input[type=search]').setValue('nothing like it');
    expect(page.text()).toContain('No session fits.');
  });

  it('are named and tagged in the inspector', async () => {
    const { page, host } = await openSessions();
    await button(page, 'Second').trigger('click');
    await page.find('#session-tags').setValue('a, b, a');
    await page.find('aside form').trigger('submit');
    await flushPromises();
    expect(host.sessions.find(({ id }) => id === 'second')?.tags).toEqual(['a', 'b']);
  });

  it('are compared side by side, and kept as one on demand', async () => {
    const { page, host } = await openSessions();
    for (const box of page.findAll('main tbody input[type=checkbox]')) await box.setValue(true);
    await button(page, 'Compare').trigger('click');
    await flushPromises();
    expect(page.find('main').attributes('aria-label')).toBe('Results');
    expect(page.text()).toContain('2 sessions side by side, not saved.');
    expect(host.sessions).toHaveLength(2);
    await button(page, 'Keep as one session').trigger('click');
    await flushPromises();
    expect(host.sessions).toHaveLength(3);
    expect(host.sessions[2]?.runs).toHaveLength(4);
  });
});

describe('the modes', () => {
  it('show what binarization costs, with its interval, and where the two disagree', async () => {
    const host = createFakeHost();
    const runs = [
      exampleRun({ id: 'n', model: { id: 'm-none', mode: 'none' }, batchMs: [10] }),
      exampleRun({ id: 'd', model: { id: 'm-deterministic', mode: 'deterministic' }, batchMs: [5] }),
    ];
    host.sessions = [{ ...exampleSession, runs }];
    const { page } = await openPage(host);
    await button(page, 'Modes').trigger('click');
    await flushPromises();
    const rows = page
      .findAll('section[aria-label^="What does binarization"] tbody tr')
      .map((row) => row.text());
    expect(rows[0]).toContain('reference');
    expect(rows[1]).toMatch(/deterministic.*0\.00 \(.*2\.00 x faster/);
    expect(page.text()).toContain('On which images do they disagree?');
  });
});

describe('the page', () => {
  it('goes from view to view by keyboard and opens the palette', async () => {
    const { page } = await openPage();
    const press = async (key: string) => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true }));
      await flushPromises();
    };
    await press('2');
    expect(page.find('main').attributes('aria-label')).toBe('Models');
    await press('k');
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('Go to Sessions');
  });

  it('carries out the menu’s commands, and stops listening when it goes', async () => {
    const { page, host } = await openPage();
    host.tell({ kind: 'command', command: 'sessions' });
    await flushPromises();
    expect(page.find('main').attributes('aria-label')).toBe('Sessions');
    page.unmount();
    expect(host.listenerCount()).toBe(0);
  });

  it('takes dropped files in any view: sessions, or models with what describes them', async () => {
    const host = createFakeHost();
    host.sessions = [exampleSession];
    const { page } = await openPage(host);
    const drop = async (...names: string[]) => {
      const files = names.map((name) => new File(['{}'], name));
      const event = new Event('drop', { cancelable: true });
      window.dispatchEvent(Object.assign(event, { dataTransfer: { types: ['Files'], files } }));
      await flushPromises();
      expect(event.defaultPrevented).toBe(true);
      return page.find('main').attributes('aria-label');
    };
    expect(await drop('of-a-colleague.json', 'report.HTML')).toBe('Sessions');
    expect(page.text()).toContain('of-a-colleague.json, report.HTML was taken in.');
    expect(await drop('net.pt', 'net.json')).toBe('Models');
    expect(host.models.at(-1)?.path).toBe('/dropped/net.pt');
  });

  it('says in its status bar that the job is paused', async () => {
    const { page, host } = await openPage();
    host.tell({ kind: 'job-started', jobId: 'job-1', sessionId: 's1', totalRuns: 2 });
    host.tell({ kind: 'job-paused', jobId: 'job-1' });
    await flushPromises();
    expect(page.find('footer').text()).toContain('The job is paused.');
  });

  it('keeps the theme', async () => {
    const { page } = await openPage();
    await button(page, 'Settings').trigger('click');
    await page.find('input[value=dark]').setValue(true);
    expect(document.documentElement.dataset.theme).toBe('dark');
    expect(localStorage.getItem('bnnw.theme')).toBe('"dark"');
  });
});
