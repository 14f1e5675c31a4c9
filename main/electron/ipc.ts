/** Answers the page's requests, and only its own page's: every sender and every request is checked. */
import { type BrowserWindow, ipcMain } from 'electron';
import { EVENT_CHANNEL, REQUEST_CHANNEL } from '../../core/contract/bridge';
import { answerRequest, type Handlers, type WindowEvent } from '../../core/contract/channels';
import { describeError, WorkbenchError } from '../../core/errors';
import { PAGE_ORIGIN } from './pageProtocol';

/** Where a message came from, as far as the check needs it. */
export interface Sender {
  url: string;
  isMainFrame: boolean;
}

/** Whether it is the main frame of our own page. */
export function isTrusted(sender: Sender): boolean {
  return sender.isMainFrame && (sender.url === PAGE_ORIGIN || sender.url.startsWith(`${PAGE_ORIGIN}/`));
}

/** Returns a function that stops the answering. */
export function answerPage(handlers: Handlers): () => void {
  ipcMain.handle(REQUEST_CHANNEL, (event, channel: unknown, request: unknown) => {
    // Electron 45 answers null where the frame is gone already.
    const frame = event.senderFrame;
    const sender = { url: frame?.url ?? '', isMainFrame: frame?.parent === null };
    if (!isTrusted(sender)) {
      const refusal = new WorkbenchError('usage', 'Only the program’s own page may ask.', {
        where: sender.url,
      });
      return { ok: false, error: describeError(refusal) };
    }
    return answerRequest(handlers, channel, request);
  });
  return () => ipcMain.removeHandler(REQUEST_CHANNEL);
}

/** Tells the page; a window that is closing or has crashed is left alone. */
export function tellPage(window: BrowserWindow, event: WindowEvent): void {
  if (!window.isDestroyed() && !window.webContents.isCrashed()) window.webContents.send(EVENT_CHANNEL, event);
}
