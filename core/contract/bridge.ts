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

export interface Bridge {
  /** Never rejects: what went wrong is in the answer. */
  request<C extends Channel>(channel: C, request: Requests[C]): Promise<Answer<C>>;
  /** Returns a function that stops the listening. */
  onEvent(listener: (event: WindowEvent) => void): () => void;
}
