/** The page's side of the bridge: asks the host and turns failures into errors. It does not know which host. */
import { type InjectionKey, inject } from 'vue';
import type { Bridge, PageFile } from '../core/contract/bridge';
import type { Channel, ChosenFile, Requests, Values, WindowEvent } from '../core/contract/channels';
import { WorkbenchError } from '../core/errors';

export interface Client {
  /** @throws WorkbenchError as the host described it */
  ask<C extends Channel>(channel: C, request: Requests[C]): Promise<Values[C]>;
  /** A path at which the host can read a file that the person dropped or chose. */
  pathOf(file: PageFile | ChosenFile): Promise<string>;
  /** Returns a function that stops the listening. */
  onEvent(listener: (event: WindowEvent) => void): () => void;
}

export function clientOf(bridge: Bridge): Client {
  return {
    async ask(channel, request) {
      const answer = await bridge.request(channel, request);
      if (answer.ok) return answer.value;
      throw WorkbenchError.from(answer.error);
    },
    async pathOf(file) {
      const own: unknown = 'path' in file ? file.path : undefined;
      if (typeof own === 'string' && own !== '') return own;
      return 'arrayBuffer' in file ? bridge.pathOf(file) : '';
    },
    onEvent: (listener) => bridge.onEvent(listener),
  };
}

export const clientKey: InjectionKey<Client> = Symbol('client');

/** For components and stores of an application that provides the client. */
export function useClient(): Client {
  const client = inject(clientKey);
  if (client === undefined) throw new Error('the application provides no client');
  return client;
}
