/** The line to one page: its requests in, answers and events out, within limits. */
import { performance } from 'node:perf_hooks';
import type { WebSocket } from 'ws';
import { answerRequest, type Handlers } from '../../core/contract/channels';
import type { HostEvent } from '../../core/contract/host';
import { type PageMessage, pageMessageSchema, type ServerMessage } from '../../core/contract/socketMessages';
import { LIMITS, Rate } from './limits';

/** WebSocket close codes. */
const CLOSE = { goingAway: 1001, unsupported: 1003, policy: 1008, tooBusy: 1013 } as const;

export class PageSocket {
  private readonly rate = new Rate(LIMITS.requestsPerSecond, LIMITS.requestBurst, () => performance.now());
  private readonly pings: NodeJS.Timeout;
  private pending = 0;
  private isAlive = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly handlers: Handlers,
  ) {
    socket.on('message', (data, isBinary) => this.receive(isBinary ? null : String(data)));
    socket.on('pong', () => {
      this.isAlive = true;
    });
    // A frame that breaks the protocol or a limit; the socket closes by itself.
    socket.on('error', () => undefined);
    this.pings = setInterval(() => this.ping(), LIMITS.pingMs);
    socket.once('close', () => clearInterval(this.pings));
  }

  /** Progress is left out where the page does not keep up: the next one tells the same and more. */
  tell(event: HostEvent): void {
    const isBusy = this.socket.bufferedAmount > LIMITS.busyBytes;
    if (!(isBusy && event.kind === 'run-progress')) this.send({ kind: 'event', event });
  }

  send(message: ServerMessage): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > LIMITS.bufferedBytes) this.socket.close(CLOSE.tooBusy);
    else this.socket.send(JSON.stringify(message));
  }

  close(): void {
    this.socket.close(CLOSE.goingAway);
  }

  /** At once, whatever the page does. */
  terminate(): void {
    clearInterval(this.pings);
    this.socket.terminate();
  }

  private receive(text: string | null): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const message = text === null ? null : parseMessage(text);
    if (message === null) {
      this.socket.close(CLOSE.unsupported);
      return;
    }
    if (!this.rate.take() || this.pending >= LIMITS.pending) {
      this.socket.close(CLOSE.policy);
      return;
    }
    void this.answer(message);
  }

  private async answer({ id, channel, request }: PageMessage): Promise<void> {
    this.pending++;
    const answer = await answerRequest(this.handlers, channel, request);
    this.pending--;
    this.send({ kind: 'answer', id, answer });
  }

  private ping(): void {
    if (!this.isAlive) {
      this.terminate();
      return;
    }
    this.isAlive = false;
    this.socket.ping();
  }
}

function parseMessage(text: string): PageMessage | null {
  try {
    const parsed = pageMessageSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
