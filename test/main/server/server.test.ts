import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { HostEvent } from '../../../core/contract/host';
import { LIMITS, Rate } from '../../../main/server/limits';
import { WorkbenchServer } from '../../../main/server/server';
import { plainName } from '../../../main/server/uploads';
import { get } from './httpRequest';
import { type Note, noteHandlers } from './noteHandlers';

const folder = mkdtempSync(join(tmpdir(), 'bnnw-page-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<title>page</title>');
writeFileSync(join(folder, 'assets', 'a.js'), 'let a;');
writeFileSync(join(folder, 'assets', 'a.js.map'), 'not for the page');
afterAll(() => rmSync(folder, { recursive: true }));

let server: WorkbenchServer;
let notes: Note[];
let listeners: Set<(event: HostEvent) => void>;
beforeEach(async () => {
  notes = [];
  listeners = new Set();
  server = await WorkbenchServer.open({
    folder,
    port: 0,
    host: {
      onEvent(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    handlers: (offer) => ({
      ...noteHandlers(notes),
      saveReport: async () => {
        offer({ name: 're port".md', bytes: Buffer.from('the report') });
        return { path: 'report.md' };
      },
    }),
  });
});
afterEach(async () => {
  await server.close();
  expect(listeners.size).toBe(0);
});

const origin = () => new URL(server.address).origin;

/** A page's socket, with what it hears. */
async function openPage(): Promise<{ socket: WebSocket; heard: unknown[]; closed: Promise<number> }> {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}socket`, { origin: origin() });
  const heard: unknown[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, heard, closed };
}

describe('the page', () => {
  it('is served with headers that fence it in', async () => {
    const { status, body, headers } = await get(server.address);
    expect([status, body]).toEqual([200, '<title>page</title>']);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain(
      `connect-src 'self' ws://${new URL(origin()).host};`,
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(await get(`${server.address}assets/a.js`)).toMatchObject({ status: 200, body: 'let a;' });
  });

  it.each(['assets/a.js.map', 'assets', 'assets/..%2findex.html', '%2e%2e/index.html', '%00', 'downloads/x'])(
    'has no %s',
    async (path) => {
      expect((await get(`${server.address}${path}`)).status).toBe(404);
    },
  );

  it('has another token each time', async () => {
    const again = await WorkbenchServer.open({
      folder,
      port: 0,
      host: { onEvent: () => () => undefined },
      handlers: () => noteHandlers([]),
    });
    const token = (address: string) => new URL(address).pathname;
    expect(token(again.address)).not.toBe(token(server.address));
    expect(token(again.address)).toMatch(/^\/[0-9a-f]{48}\/$/);
    await again.close();
  });
});

describe('a socket', () => {
  it('carries requests, answers, failures and events', async () => {
    const { socket, heard } = await openPage();
    socket.send(JSON.stringify({ id: 7, channel: 'listModels', request: {} }));
    socket.send(JSON.stringify({ id: 8, channel: 'openSession', request: { sessionId: '../x' } }));
    await expect.poll(() => heard.length).toBe(2);
    expect(heard).toContainEqual({ kind: 'answer', id: 7, answer: { ok: true, value: null } });
    expect(heard).toContainEqual({
      kind: 'answer',
      id: 8,
      answer: { ok: false, error: expect.objectContaining({ kind: 'usage' }) },
    });
    expect(notes).toEqual([{ channel: 'listModels', request: {} }]);
    for (const listener of listeners) listener({ kind: 'job-paused', jobId: 'job-1' });
    await expect
      .poll(() => heard.at(-1))
      .toEqual({ kind: 'event', event: { kind: 'job-paused', jobId: 'job-1' } });
  });

  it('offers a report to its own page, to be fetched once', async () => {
    const [page, other] = [await openPage(), await openPage()];
    page.socket.send(
      JSON.stringify({
        id: 1,
        channel: 'saveReport',
        request: { sessionIds: ['s'], clock: 'device', baselineIds: [], deviceIds: [], format: 'markdown' },
      }),
    );
    await expect.poll(() => page.heard.length).toBe(2);
    const offer = page.heard.find((message) => (message as { kind: string }).kind === 'download');
    const { address } = offer as { address: string };
    const reply = await get(`${server.address}${address}`);
    expect(reply).toMatchObject({ status: 200, body: 'the report' });
    expect(reply.headers['content-disposition']).toBe('attachment; filename="re_port_.md"');
    expect((await get(`${server.address}${address}`)).status).toBe(404);
    expect(other.heard).toEqual([]);
  });

  it.each([
    ['is no JSON', 'nonsense', 1003],
    ['is binary', Buffer.from('{}'), 1003],
    ['is no request', '{"id": -1}', 1003],
    ['is too long', 'x'.repeat(LIMITS.messageBytes + 1), 1009],
  ])('is closed where a message %s', async (_, message, code) => {
    const { socket, closed } = await openPage();
    socket.send(message);
    expect(await closed).toBe(code);
    expect(notes).toEqual([]);
  });

  it('is closed where it asks too often', async () => {
    const { socket, closed } = await openPage();
    for (let i = 0; i < 2 * LIMITS.requestBurst; i++) {
      socket.send(JSON.stringify({ id: i, channel: 'listModels', request: {} }));
    }
    expect(await closed).toBe(1008);
    expect(notes.length).toBeLessThanOrEqual(LIMITS.requestBurst + 50);
  });

  it('is one of a few', async () => {
    const pages = await Promise.all(Array.from({ length: LIMITS.pages }, openPage));
    await expect(openPage()).rejects.toThrow('503');
    pages[0]?.socket.close();
    await pages[0]?.closed;
    await expect
      .poll(() =>
        openPage().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe('a file that is handed over', () => {
  const put = (name: string, body: string) =>
    fetch(`${server.address}uploads/${name}`, { method: 'PUT', body, headers: { Origin: origin() } });

  it('lies where the host can read it, readable by nobody else, until the end', async () => {
    const response = await put('w%2F..%2F..%20eights.pt', 'weights');
    const { value } = (await response.json()) as { value: string };
    expect(value).toMatch(/bnnw-uploads-.*\/1-w_.._.._eights\.pt$/);
    expect(readFileSync(value, 'utf8')).toBe('weights');
    await server.close();
    expect(existsSync(value)).toBe(false);
  });

  it('that breaks off leaves nothing behind', async () => {
    const { connect } = await import('node:net');
    const { host, port, pathname } = new URL(server.address);
    const before = uploadFiles();
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `PUT ${pathname}uploads/x.pt HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin()}\r\nContent-Length: 100\r\n\r\nhalf`,
    );
    await expect.poll(() => uploadFiles().length).toBe(before.length + 1);
    socket.destroy();
    await expect.poll(() => uploadFiles().length).toBe(before.length);
  });

  it('of too many bytes is refused before any is taken', async () => {
    const { host, port, pathname } = new URL(server.address);
    const { ask } = await import('./httpRequest');
    const reply = await ask(Number(port), {
      method: 'PUT',
      path: `${pathname}uploads/x.pt`,
      headers: [
        ['Host', host],
        ['Origin', origin()],
        ['Content-Length', String(LIMITS.uploadBytes + 1)],
      ],
    });
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('at most');
    expect(uploadFiles()).toEqual([]);
  });

  it('has a plain name', () => {
    expect(plainName('..%2F..%2Fetc%2Fpasswd')).toBe('_.._etc_passwd');
    expect(plainName('%00%1b[2J.json')).toBe('___2J.json');
    expect(plainName('%')).toBe('file');
    expect(plainName('a'.repeat(300)).length).toBe(100);
  });

  function uploadFiles(): string[] {
    return readdirSync(tmpdir())
      .filter((name) => name.startsWith('bnnw-uploads-'))
      .flatMap((name) => readdirSync(join(tmpdir(), name)));
  }
});

describe('ending', () => {
  it('closes every page, and nobody can come any more', async () => {
    const { closed } = await openPage();
    const { address } = server;
    await server.close();
    expect(await closed).toBe(1001);
    await expect(get(address)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a rate', () => {
  it('lets a burst through and then so many a second', () => {
    let nowMs = 0;
    const rate = new Rate(10, 3, () => nowMs);
    const taken = () => [1, 2, 3, 4].filter(() => rate.take()).length;
    expect(taken()).toBe(3);
    nowMs = 100;
    expect(taken()).toBe(1);
    nowMs = 100_000;
    expect(taken()).toBe(3);
  });
});
