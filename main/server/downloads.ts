/** Reports that a page asked for and its browser fetches in a moment, each once. */
import { randomBytes } from 'node:crypto';
import { LIMITS } from './limits';

export interface Download {
  name: string;
  bytes: Uint8Array;
}

export class Downloads {
  private readonly waiting = new Map<string, Download>();

  /** @returns the id in its address; the oldest one makes room where there are too many */
  add(download: Download): string {
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined && this.waiting.size >= LIMITS.downloads) this.waiting.delete(oldest);
    const id = randomBytes(16).toString('hex');
    this.waiting.set(id, download);
    return id;
  }

  take(id: string): Download | null {
    const download = this.waiting.get(id) ?? null;
    this.waiting.delete(id);
    return download;
  }
}
