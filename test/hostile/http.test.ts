import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { requestSchemas } from '../../core/contract/channels';
import { LIMITS } from '../../main/server/limits';
import { PageSocket } from '../../main/server/pageSocket';
import { WorkbenchServer } from '../../main/server/server';
import { type Asked, ask } from '../main/server/httpRequest';
import { CHANNELS, type Note, noteHandlers } from '../main/server/noteHandlers';
import { testRandom } from '../random';

const INPUTS = 1000;
vi.setConfig({ testTimeout: 120_000 });
const random = testRandom('http');
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

const folder = mkdtempSync(join(tmpdir(), 'bnnw-hostile-page-'));
writeFileSync(join(folder, 'index.html'), 'page');
let server: WorkbenchServer;
let port: number;
let token: string;
const notes: Note[] = [];
/** Every line to a page is one call of this. */
let opened = 0;
beforeAll(async () => {
  server = await WorkbenchServer.open({
    folder,
    port: 0,
    host: { onEvent: () => () => undefined },
    handlers: () => {
      opened++;
      return noteHandlers(notes);
    },
  });
  const { port: text, pathname } = new URL(server.address);
  port = Number(text);
  token = pathname.slice(1, -1);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const uploads = () =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith('bnnw-uploads-'))
    .flatMap((name) => readdirSync(join(tmpdir(), name)));

interface Request extends Asked {
  host: string | null;
  origin: string | null;
}

const host = () => `127.0.0.1:${port}`;
const UPGRADE: Asked['headers'] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];
const CLOSE: Asked['headers'] = [['Connection', 'close']];

/** What our own page asks, one for each route. */
const right: Record<string, () => Request> = {
  page: () => ({ method: 'GET', path: `/${token}/`, headers: CLOSE, host: host(), origin: null }),
  socket: () => ({
    method: 'GET',
    path: `/${token}/socket`,
    headers: UPGRADE,
    host: host(),
    origin: `http://${host()}`,
  }),
  upload: () => ({
    method: 'PUT',
    path: `/${token}/uploads/a.pt`,
    headers: [['Content-Length', '4'], ...CLOSE],
    body: 'data',
    host: host(),
    origin: `http://${host()}`,
  }),
  download: () => ({
    method: 'GET',
    path: `/${token}/downloads/${'a'.repeat(32)}`,
    headers: CLOSE,
    host: host(),
    origin: null,
  }),
};

function send({ host, origin, headers, ...rest }: Request) {
  const own: Asked['headers'] = [];
  if (host !== null) own.push(['Host', host]);
  if (origin !== null) own.push(['Origin', origin]);
  return ask(port, { ...rest, headers: [...own, ...headers] });
}

/** Each makes of a right request one that a wrong sender, or a page of somebody else, would make. */
const WRONGS: readonly ((request: Request) => Request)[] = [
  (request) => ({
    ...request,
    host: pick([
      null,
      '',
      'example.org',
      `example.org:${port}`,
      `127.0.0.1:${port + 1}`,
      '127.0.0.1',
      `127.0.0.1.example.org:${port}`,
      `0.0.0.0:${port}`,
      `[::1]:${port}`,
      `user@127.0.0.1:${port}`,
      `127.1:${port}`,
    ]),
  }),
  (request) => ({ ...request, headers: [...request.headers, ['Host', pick(['example.org', host()])]] }),
  (request) => {
    const at = random.below(token.length);
    const wrong = pick([
      '',
      token.slice(1),
      `${token}0`,
      token.toUpperCase().replace(/^\d+$/, 'x'),
      `${token.slice(0, at)}${token[at] === '0' ? '1' : '0'}${token.slice(at + 1)}`,
      `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
      `x/../${token}`,
      `./${token}`,
      `/${token}`,
    ]);
    return { ...request, path: request.path.replace(token, wrong) };
  },
  (request) => ({ ...request, path: `${pick(['http://example.org', `http://${host()}`])}${request.path}` }),
  (request) => ({
    ...request,
    origin: pick([
      'null',
      '',
      'http://example.org',
      `https://${host()}`,
      `http://127.0.0.1:${port + 1}`,
      `http://127.0.0.1:${port}.example.org`,
      `http://${host()}/`,
      'file://',
      'workbench://app',
    ]),
  }),
  (request) => ({
    ...request,
    origin: `http://${host()}`,
    headers: [...request.headers, ['Origin', pick(['http://example.org', `http://${host()}`])]],
  }),
  (request) => ({
    ...request,
    headers: [...request.headers, ['Sec-Fetch-Site', pick(['cross-site', 'same-site', 'other'])]],
  }),
  (request) => ({
    ...request,
    method: pick(
      [
        'GET',
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'OPTIONS',
        'TRACE',
        'CONNECT',
        'PROPFIND',
        'get',
        'FOO',
      ].filter((method) => method !== request.method),
    ),
  }),
  (request) =>
    request.method === 'PUT'
      ? { ...request, origin: null }
      : { ...request, headers: [...request.headers, ['Content-Length', '4']], body: 'data' },
  (request) =>
    request.path.endsWith('/socket')
      ? { ...request, headers: CLOSE }
      : { ...request, headers: [...request.headers.filter(([name]) => name !== 'Connection'), ...UPGRADE] },
];

it('every route answers its own page', async () => {
  const statuses: Record<string, number> = {};
  for (const [route, request] of Object.entries(right)) statuses[route] = (await send(request())).status;
  expect(statuses).toEqual({ page: 200, socket: 101, upload: 200, download: 404 });
  expect([opened, uploads().length]).toEqual([1, 1]);
});

describe.each(Object.keys(right))('the route of a %s', (route) => {
  it(`does nothing for a wrong sender, ${INPUTS} times`, async () => {
    const before = [opened, uploads().length, notes.length];
    for (let i = 0; i < INPUTS; i++) {
      // One wrong is harder to notice than two.
      const request = pick(WRONGS)(right[route]!());
      const { status } = await send(request);
      // 0: the line was cut without an answer.
      expect(status === 0 || (status >= 400 && status < 500), `${status} ${JSON.stringify(request)}`).toBe(
        true,
      );
    }
    expect([opened, uploads().length, notes.length]).toEqual(before);
  });
});

it('a right sender with an odd path gets a page, or nothing', async () => {
  for (let i = 0; i < INPUTS; i++) {
    const odd = Array.from({ length: random.below(40) }, () => pick([..."/.%2e\\;:@&=+$,!~*'()[]ab01"])).join(
      '',
    );
    const { status, body } = await send({ ...right.page!(), path: `/${token}/${odd}` });
    expect([200, 400, 404, 405, 403, 426], odd).toContain(status);
    if (status === 200) expect(body).toBe('page');
  }
});

it('an upload with an odd name lies in the folder of the uploads', async () => {
  const before = uploads().length;
  let taken = 0;
  for (let i = 0; i < INPUTS; i++) {
    const odd = Array.from({ length: 1 + random.below(60) }, () =>
      pick(['%2f', '%2e', '%00', '%0a', '%5c', '%ff', '%', '..', 'a', '.pt', '%e2%80%ae', ':', '*']),
    ).join('');
    const { status, body } = await send({ ...right.upload!(), path: `/${token}/uploads/${odd}` });
    expect(status, odd).toBe(200);
    expect(JSON.parse(body).value).toMatch(/bnnw-uploads-[^/]+\/\d+-[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
    taken++;
  }
  expect(uploads().length - before).toBe(taken);
});

/** A socket without a network, so that each channel can be asked a thousand times. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: { id: number; answer: { ok: boolean } }[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
    this.emit('close');
  }
}

const ODD: unknown[] = [
  null,
  0,
  -1,
  Number.MAX_VALUE,
  '',
  '../../etc/passwd',
  '\u0000',
  'a'.repeat(10_000),
  [],
  [[]],
  true,
];

it.each(CHANNELS)('over a socket the channel %s passes on only what fits its schema', async (channel) => {
  notes.length = 0;
  let refused = 0;
  for (let done = 0; done < INPUTS; done += LIMITS.pending) {
    const socket = new FakeSocket();
    new PageSocket(socket as unknown as WebSocket, noteHandlers(notes));
    for (let i = 0; i < LIMITS.pending; i++) {
      const request =
        random.below(4) === 0 ? pick(ODD) : { [`field${random.below(3)}`]: pick(ODD), sessionId: pick(ODD) };
      socket.emit('message', Buffer.from(JSON.stringify({ id: i, channel, request })), false);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.sent).toHaveLength(LIMITS.pending);
    refused += socket.sent.filter(({ answer }) => !answer.ok).length;
    socket.close();
  }
  for (const { request } of notes) expect(requestSchemas[channel].safeParse(request).success).toBe(true);
  expect(refused + notes.length).toBe(Math.ceil(INPUTS / LIMITS.pending) * LIMITS.pending);
  expect(refused).toBeGreaterThan(INPUTS / 2);
});
