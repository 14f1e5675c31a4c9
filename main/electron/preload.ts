/** The only code that stands in both worlds. It passes messages on and knows nothing else. */
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { type Bridge, EVENT_CHANNEL, REQUEST_CHANNEL } from '../../core/contract/bridge';
import type { WindowEvent } from '../../core/contract/channels';

const bridge: Bridge = {
  request: (channel, request) => ipcRenderer.invoke(REQUEST_CHANNEL, channel, request),
  onEvent(listener) {
    const pass = (_: IpcRendererEvent, event: WindowEvent) => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, pass);
    return () => ipcRenderer.removeListener(EVENT_CHANNEL, pass);
  },
};

contextBridge.exposeInMainWorld('workbench', bridge);
