/** The system's dialog for files that the page takes in. */
import { basename } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import type { ChosenFile } from '../../core/contract/channels';

const FILTERS = {
  sessions: [{ name: 'Sessions and HTML reports', extensions: ['json', 'html', 'htm'] }],
  models: [
    {
      name: 'Weights, and a description of their layers',
      extensions: ['pt', 'pth', 'safetensors', 'gz', 'json'],
    },
  ],
};

/** @returns none where the person changed their mind */
export async function chooseFiles(window: BrowserWindow, of: keyof typeof FILTERS): Promise<ChosenFile[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    filters: FILTERS[of],
    properties: ['openFile', 'multiSelections'],
  });
  return filePaths.map((path) => ({ name: basename(path), path }));
}
