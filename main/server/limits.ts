/** What one page may take of the server. Far above what the page needs, far below what hurts. */
export const LIMITS = {
  /** Of TCP connections, and of pages among them. */
  connections: 64,
  pages: 8,
  headerBytes: 8192,
  /** Of one request of a page. A job names devices and models; nothing else is long. */
  messageBytes: 2 ** 20,
  /** Requests of a page that wait for their answers. */
  pending: 32,
  /** Requests in a second, over time and at once. */
  requestsPerSecond: 100,
  requestBurst: 400,
  /** What may wait to be taken by a page that does not read, before it is let go. */
  bufferedBytes: 512 * 2 ** 20,
  /** Above this, progress is left out for a page that does not keep up. */
  busyBytes: 4 * 2 ** 20,
  /** Of one file that is handed over, and of all that lie here. */
  uploadBytes: 512 * 2 ** 20,
  uploadsBytes: 2 * 2 ** 30,
  /** Reports that wait to be fetched. */
  downloads: 8,
  headersMs: 10_000,
  requestMs: 5 * 60_000,
  /** A page that does not answer a ping for so long is gone. */
  pingMs: 30_000,
} as const;

/** Lets so many through at once and so many a second after that. */
export class Rate {
  private left: number;
  private at: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly nowMs: () => number,
  ) {
    this.left = burst;
    this.at = nowMs();
  }

  take(): boolean {
    const now = this.nowMs();
    this.left = Math.min(this.burst, this.left + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
