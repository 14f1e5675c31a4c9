/** What a page and the browser mode's server say to each other over a WebSocket: JSON, one message a frame. */
import { z } from 'zod';
import type { Answer, Channel, WindowEvent } from './channels';

/** The page counts its requests; the answer names the number. */
export const pageMessageSchema = z.strictObject({
  id: z.number().int().nonnegative(),
  channel: z.string().max(100),
  request: z.unknown(),
});
export type PageMessage = z.infer<typeof pageMessageSchema>;

export type ServerMessage =
  | { kind: 'answer'; id: number; answer: Answer<Channel> }
  | { kind: 'event'; event: WindowEvent }
  /** A report is ready to be fetched, once, from an address below the page's. */
  | { kind: 'download'; address: string; name: string };

/** Below the page's address. */
export const SOCKET_PATH = 'socket';
export const UPLOAD_FOLDER = 'uploads';
export const DOWNLOAD_FOLDER = 'downloads';
