/**
 * Who may ask the server, and for what. The server listens on this machine only, and still every page that the
 * person's browser shows can send requests to it. So each request must
 *
 * - name us as its host, or a name that was pointed at 127.0.0.1 would do (DNS rebinding);
 * - hold the token in its path, which only the person who started the server knows;
 * - come from our own page, where the browser says where it comes from;
 * - use the method of its route and no other.
 *
 * The token stands in the path rather than in a cookie: cookies are shared by all ports of a host, and other
 * people's servers may listen on those.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Route =
  | { kind: 'page'; path: string }
  | { kind: 'socket' }
  | { kind: 'upload'; name: string }
  | { kind: 'download'; id: string };

export interface Refusal {
  status: 400 | 403 | 404 | 405 | 421 | 426;
  reason: string;
}

/** What of a request is looked at. */
export type AskedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

const METHODS: { readonly [K in Route['kind']]: readonly string[] } = {
  page: ['GET', 'HEAD'],
  socket: ['GET'],
  upload: ['PUT'],
  download: ['GET'],
};

const NOT_FOUND: Refusal = { status: 404, reason: 'There is nothing here.' };

/** The names under which the server may be asked for. */
export function hostsOf(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/**
 * Checks everything about a request but its body.
 * @param upgrades whether it asks for a WebSocket
 */
export function admit(
  request: AskedRequest,
  { token, hosts, upgrades }: { token: string; hosts: readonly string[]; upgrades: boolean },
): Route | Refusal {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host) || countOf(request, 'host') !== 1) {
    return { status: 421, reason: 'This server answers for 127.0.0.1 only.' };
  }
  const route = routeOf(request.url ?? '', token);
  if (route === null) return NOT_FOUND;
  const fromElsewhere = { status: 403, reason: 'Only the workbench’s own page may ask.' } as const;
  // A browser names the origin with everything that changes something, and with every WebSocket.
  const mustName = route.kind === 'socket' || route.kind === 'upload';
  if (origin === undefined ? mustName : origin !== `http://${host}` || countOf(request, 'origin') !== 1) {
    return fromElsewhere;
  }
  const site = request.headers['sec-fetch-site'];
  // `none`: the person typed the address or followed it from a terminal.
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && route.kind === 'page')) {
    return fromElsewhere;
  }
  if (!METHODS[route.kind].includes(request.method ?? '')) {
    return { status: 405, reason: `This address takes ${METHODS[route.kind].join(' and ')} only.` };
  }
  if (upgrades !== (route.kind === 'socket')) {
    return { status: upgrades ? 400 : 426, reason: 'WebSockets are spoken at their own address only.' };
  }
  const hasBody =
    'transfer-encoding' in request.headers || Number(request.headers['content-length'] ?? 0) !== 0;
  if (hasBody && route.kind !== 'upload') return { status: 400, reason: 'This request has no body.' };
  return route;
}

export function isRefusal(value: Route | Refusal): value is Refusal {
  return 'status' in value;
}

function routeOf(url: string, token: string): Route | null {
  const parts = /^\/([^/?#]*)\/([^?#]*)$/.exec(url);
  if (!parts || !isToken(parts[1] ?? '', token)) return null;
  const path = parts[2] ?? '';
  if (path === 'socket') return { kind: 'socket' };
  const [folder, name, ...rest] = path.split('/');
  if (name !== undefined && name !== '' && rest.length === 0) {
    if (folder === 'uploads') return { kind: 'upload', name };
    if (folder === 'downloads') return { kind: 'download', id: name };
  }
  return { kind: 'page', path };
}

/** In a time that tells nothing about the token. */
function isToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Node joins or drops repeated headers; a request that repeats one of these is not from a browser. */
function countOf({ rawHeaders }: AskedRequest, name: string): number {
  return rawHeaders.filter((each, i) => i % 2 === 0 && each.toLowerCase() === name).length;
}
