/** The bridge of the browser mode: requests and events over a WebSocket, files over HTTP. */
import type { Bridge } from '../core/contract/bridge';
import type { Answer, Channel, WindowEvent } from '../core/contract/channels';
import { type ServerMessage, SOCKET_PATH, UPLOAD_FOLDER } from '../core/contract/socketMessages';
import { type ErrorDescription, unreachable, WorkbenchError } from '../core/errors';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

const GONE: ErrorDescription = {
  kind: 'not-available',
  message: 'The workbench does not answer.',
  where: null,
  remedy: 'Start it again with `npx bnnw serve` and open the address that it prints.',
  details: null,
};

/** @param address of the page; it holds the token */
export function socketBridge(address: string): Bridge {
  const listeners = new Set<(event: WindowEvent) => void>();
  const line = new Line(address, (event) => {
    for (const listener of listeners) listener(event);
  });
  return {
    // The server answers each request with the answer of its channel.
    request: async <C extends Channel>(channel: C, request: unknown) =>
      (await line.ask(channel, request)) as Answer<C>,
    async pathOf(file) {
      const body = file instanceof Blob ? file : await file.arrayBuffer();
      const target = new URL(`${UPLOAD_FOLDER}/${encodeURIComponent(file.name)}`, address);
      const response = await fetch(target, { method: 'PUT', body }).catch(() => null);
      if (response === null) throw WorkbenchError.from(GONE);
      const answer: { ok: true; value: string } | { ok: false; error: ErrorDescription } =
        await response.json();
      if (answer.ok) return answer.value;
      throw WorkbenchError.from(answer.error);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One socket after another: when one is lost, what waits for an answer is told, and the next one is tried. */
class Line {
  private readonly waiting = new Map<number, (answer: Answer<Channel>) => void>();
  private socket: Promise<WebSocket>;
  private retryMs = FIRST_RETRY_MS;
  private asked = 0;

  constructor(
    private readonly address: string,
    private readonly hear: (event: WindowEvent) => void,
  ) {
    this.socket = this.connect();
  }

  async ask(channel: Channel, request: unknown): Promise<Answer<Channel>> {
    const socket = await this.socket.catch(() => null);
    if (socket?.readyState !== WebSocket.OPEN) return { ok: false, error: GONE };
    const id = this.asked++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, channel, request }));
    });
  }

  private connect(): Promise<WebSocket> {
    const url = new URL(SOCKET_PATH, this.address);
    url.protocol = 'ws:';
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    const opened = new Promise<WebSocket>((resolve, reject) => {
      socket.onopen = () => {
        this.retryMs = FIRST_RETRY_MS;
        resolve(socket);
      };
      socket.onclose = () => {
        reject(new Error('closed'));
        this.lose();
      };
    });
    // Whoever asks meanwhile is told; nobody else need be.
    opened.catch(() => undefined);
    return opened;
  }

  private lose(): void {
    for (const resolve of this.waiting.values()) resolve({ ok: false, error: GONE });
    this.waiting.clear();
    setTimeout(() => {
      this.socket = this.connect();
    }, this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS);
  }

  private receive(message: ServerMessage): void {
    switch (message.kind) {
      case 'answer':
        this.waiting.get(message.id)?.(message.answer);
        this.waiting.delete(message.id);
        return;
      case 'event':
        this.hear(message.event);
        return;
      case 'download':
        download(new URL(message.address, this.address).href, message.name);
        return;
      default:
        unreachable(message);
    }
  }
}

function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
