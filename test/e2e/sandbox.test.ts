import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useProgram } from './program';

const program = useProgram();

/** Runs code in the page, as an attacker would who got some into it. */
function inPage<T>(code: string): Promise<T> {
  return program.page.evaluate<T>(code);
}

it('has the page in an operating system’s sandbox', async () => {
  const { app } = program;
  expect(await app.evaluate(() => process.argv.includes('--no-sandbox'))).toBe(false);
  const pid = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  if (process.platform === 'linux') {
    // 2: a filter of system calls is in force.
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m);
  }
});

it.each(['require', 'process', 'module', 'Buffer', 'ipcRenderer'])('gives the page no %s', async (name) => {
  expect(await inPage(`typeof window.${name}`)).toBe('undefined');
});

it('offers the page three functions and no more', async () => {
  expect(await inPage('Object.keys(window.workbench).sort()')).toEqual(['onEvent', 'pathOf', 'request']);
});

it('sends the page with a content security policy', async () => {
  const answer = await program.page.reload();
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
});

it.each([
  ['a foreign script', "'script', { src: 'https://example.org/a.js' }", 'script-src-elem'],
  ['a script in the page', "'script', { textContent: 'window.ran = true' }", 'script-src-elem'],
  [
    'a foreign style sheet',
    "'link', { rel: 'stylesheet', href: 'https://example.org/a.css' }",
    'style-src-elem',
  ],
  ['a foreign image', "'img', { src: 'https://example.org/a.png' }", 'img-src'],
  ['a foreign frame', "'iframe', { src: 'https://example.org/' }", 'frame-src'],
])('refuses %s', async (_, element, directive) => {
  const violated = await inPage<string>(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), { once: true });
    const [name, properties] = [${element}];
    document.body.append(Object.assign(document.createElement(name), properties));
  })`);
  expect(violated).toBe(directive);
  expect(await inPage('typeof window.ran')).toBe('undefined');
});

it('refuses to connect anywhere', async () => {
  expect(await inPage(`fetch('https://example.org/').then(() => 'answered', () => 'refused')`)).toBe(
    'refused',
  );
});

it('stays on its page and opens no other', async () => {
  const { app, page } = program;
  const address = page.url();
  expect(await inPage(`window.open('https://example.org/')`)).toBeNull();
  await inPage(`void (location.href = 'file:///etc/passwd')`);
  await page.getByRole('navigation').waitFor();
  expect(page.url()).toBe(address);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

it.each(['geolocation', 'notifications', 'midi', 'camera', 'clipboard-read'])(
  'denies the page %s',
  async (name) => {
    expect(
      await inPage(`navigator.permissions.query({ name: '${name}' }).then((answer) => answer.state)`),
    ).toBe('denied');
  },
);

it.each([
  ['an unknown channel', `'readFile', { path: '/etc/passwd' }`],
  ['a path for a session', `'openSession', { sessionId: '../../../etc' }`],
  ['more than was asked for', `'listModels', { also: 1 }`],
  ['a job out of range', `'startJob', { deviceIds: ['x'], batchSizes: [1e9] }`],
])('answers %s with an error', async (_, call) => {
  expect(await inPage(`window.workbench.request(${call})`)).toMatchObject({
    ok: false,
    error: { kind: 'usage' },
  });
});
