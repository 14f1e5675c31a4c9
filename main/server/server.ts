/**
 * The browser mode: the built page and its host for a browser on this machine. One server, one token, as many pages
 * as somebody opens; what they may do is what the desktop's page may do.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Handlers } from '../../core/contract/channels';
import type { WorkbenchHost } from '../../core/contract/host';
import { DOWNLOAD_FOLDER } from '../../core/contract/socketMessages';
import { describeError, WorkbenchError } from '../../core/errors';
import { type Download, Downloads } from './downloads';
import { admit, hostsOf, isRefusal, type Refusal, type Route } from './guard';
import { securityHeaders } from './headers';
import { LIMITS } from './limits';
import { type PageFile, readPageFiles } from './pageFiles';
import { PageSocket } from './pageSocket';
import { Uploads } from './uploads';

export interface ServerParts {
  host: Pick<WorkbenchHost, 'onEvent'>;
  /** @param offer gives a file to the browser of the page that asks */
  handlers(offer: (download: Download) => void): Handlers;
  /** The built page. */
  folder: string;
  /** 0 for any that is free. */
  port: number;
}

const LOOPBACK = '127.0.0.1';

export class WorkbenchServer {
  private readonly token = randomBytes(24).toString('hex');
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.messageBytes,
    perMessageDeflate: false,
  });
  private readonly pages = new Set<PageSocket>();
  private readonly downloads = new Downloads();
  private readonly stopListening: () => void;
  private hosts: string[] = [];
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly parts: ServerParts,
    private readonly files: Map<string, PageFile>,
    private readonly uploads: Uploads,
    private readonly server: Server,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.upgrade(request, socket, head),
    );
    // What is no HTTP, or breaks a limit of it.
    server.on('clientError', (_, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
    this.stopListening = parts.host.onEvent((event) => {
      for (const page of this.pages) page.tell(event);
    });
  }

  /** @throws WorkbenchError `not-available` where the port is taken */
  static async open(parts: ServerParts): Promise<WorkbenchServer> {
    const files = readPageFiles(parts.folder);
    const server = createServer({
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
    });
    server.maxConnections = LIMITS.connections;
    await listen(server, parts.port);
    const opened = new WorkbenchServer(parts, files, await Uploads.create(), server);
    opened.hosts = hostsOf(opened.port);
    return opened;
  }

  /** With the token: whoever has it may use the workbench. */
  get address(): string {
    return `http://${LOOPBACK}:${this.port}/${this.token}/`;
  }

  /** Ends when every connection has ended and the files that were handed over are gone. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  private async end(): Promise<void> {
    this.stopListening();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const page of this.pages) page.close();
    this.server.closeIdleConnections();
    // A moment for the goodbyes to arrive.
    const impatience = setTimeout(() => {
      for (const page of this.pages) page.terminate();
      this.server.closeAllConnections();
    }, 500);
    await closed;
    clearTimeout(impatience);
    await this.uploads.dispose();
  }

  private admit(request: IncomingMessage, upgrades: boolean): Route | Refusal {
    return admit(request, { token: this.token, hosts: this.hosts, upgrades });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A browser that went away.
    response.on('error', () => undefined);
    const route = this.admit(request, false);
    const { host = '' } = request.headers;
    for (const [name, value] of Object.entries(
      securityHeaders(this.hosts.includes(host) ? host : LOOPBACK),
    )) {
      response.setHeader(name, value);
    }
    if (isRefusal(route)) {
      refuse(request, response, route);
      return;
    }
    switch (route.kind) {
      case 'page':
        this.sendPage(request, response, route.path);
        return;
      case 'upload':
        await this.receive(request, response, route.name);
        return;
      case 'download':
        this.sendDownload(request, response, route.id);
        return;
      case 'socket':
        throw new Error('a socket is upgraded');
    }
  }

  private sendPage(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.files.get(path);
    if (!file) {
      refuse(request, response, { status: 404, reason: 'There is nothing here.' });
      return;
    }
    response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.bytes.length });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  private sendDownload(request: IncomingMessage, response: ServerResponse, id: string): void {
    const download = this.downloads.take(id);
    if (!download) {
      refuse(request, response, { status: 404, reason: 'This report was fetched already.' });
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${download.name.replace(/[^A-Za-z0-9._-]/g, '_')}"`,
      'Content-Length': download.bytes.length,
    });
    response.end(download.bytes);
  }

  private async receive(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    let answer: object;
    let status = 200;
    try {
      answer = { ok: true, value: await this.uploads.receive(request, name) };
    } catch (thrown) {
      answer = { ok: false, error: describeError(thrown) };
      status = 400;
      // What still comes is not read.
      response.setHeader('Connection', 'close');
    }
    const body = Buffer.from(JSON.stringify(answer));
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const route = this.admit(request, true);
    const full = this.closing !== null || this.pages.size >= LIMITS.pages;
    if (isRefusal(route) || full) {
      const status = isRefusal(route) ? `${route.status} Refused` : '503 Too many pages';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (opened) => {
      const handlers = this.parts.handlers((download) => {
        const address = `${DOWNLOAD_FOLDER}/${this.downloads.add(download)}`;
        page.send({ kind: 'download', address, name: download.name });
      });
      const page = new PageSocket(opened, handlers);
      this.pages.add(page);
      opened.once('close', () => this.pages.delete(page));
    });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program uses it' : error.message;
      reject(
        new WorkbenchError('not-available', `Port ${port} cannot be listened on: ${reason}.`, {
          where: `${LOOPBACK}:${port}`,
          remedy: 'Name another one with --port, or leave it out.',
        }),
      );
    });
    server.listen({ host: LOOPBACK, port, exclusive: true }, resolve);
  });
}

/** In plain text, and the body of the request is not waited for. */
function refuse(request: IncomingMessage, response: ServerResponse, { status, reason }: Refusal): void {
  const text = `${reason}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}
