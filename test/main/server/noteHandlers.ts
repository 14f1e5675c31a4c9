/** Handlers that note what they are asked, and how to make a right request for each channel. */
import { type Channel, type Handlers, requestSchemas } from '../../../core/contract/channels';

export interface Note {
  channel: string;
  request: unknown;
}

export const CHANNELS = Object.keys(requestSchemas).filter((name): name is Channel =>
  Object.hasOwn(requestSchemas, name),
);

/** Each notes its request and answers with null, which no test looks at. */
export function noteHandlers(notes: Note[]): Handlers {
  const note = (channel: string) => async (request: unknown) => {
    notes.push({ channel, request });
    return null;
  };
  const entries = CHANNELS.map((channel) => [channel, note(channel)]);
  // Each channel's handler is there; what it answers is not looked at.
  return Object.fromEntries(entries) as unknown as Handlers;
}
