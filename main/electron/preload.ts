/** The only code that stands in both worlds. It passes messages on and knows nothing else. */
import * as electron from 'electron';
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { type Bridge, EVENT_CHANNEL, type PageFile, REQUEST_CHANNEL } from '../../core/contract/bridge';
import type { WindowEvent } from '../../core/contract/channels';

interface FilePaths {
  ipcRenderer: unknown;
  /** Missing in Electron 22, whose files tell their path to the page themselves. */
  webUtils?: { getPathForFile(file: PageFile): string };
}
const { webUtils }: FilePaths = electron;

const bridge: Bridge = {
  request: (channel, request) => ipcRenderer.invoke(REQUEST_CHANNEL, channel, request),
  pathOf: async (file) => webUtils?.getPathForFile(file) ?? '',
  onEvent(listener) {
    const pass = (_: IpcRendererEvent, event: WindowEvent) => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, pass);
    return () => ipcRenderer.removeListener(EVENT_CHANNEL, pass);
  },
};

contextBridge.exposeInMainWorld('workbench', bridge);
