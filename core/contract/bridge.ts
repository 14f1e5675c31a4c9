/**
 * The bridge between a face's page and its host, as the page sees it: `window.workbench`. In the desktop
 * program the preload provides it, in the browser mode a small script. Types and names only, so that the
 * preload stays small.
 */
import type { Answer, Channel, Requests, WindowEvent } from './channels';

/** Electron's channel for every request of the page: (channel, request) to answer. */
export const REQUEST_CHANNEL = 'workbench:request';
/** Electron's channel for everything that the host tells by itself. */
export const EVENT_CHANNEL = 'workbench:event';

/** A browser's File, as far as a bridge needs it. */
export interface PageFile {
  readonly name: string;
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface Bridge {
  /** Never rejects: what went wrong is in the answer. */
  request<C extends Channel>(channel: C, request: Requests[C]): Promise<Answer<C>>;
  /**
   * A path at which the host can read a file that the person dropped or chose; the file itself is handed over
   * where page and host share no disk. Empty where the file itself has its `path`, as in Electron 22.
   */
  pathOf(file: PageFile): Promise<string>;
  /** Returns a function that stops the listening. */
  onEvent(listener: (event: WindowEvent) => void): () => void;
}
