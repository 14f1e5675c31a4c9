import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { PageCommand } from '../../core/contract/channels';

const PAGES: [label: string, command: PageCommand][] = [
  ['&Devices', 'devices'],
  ['&Models', 'models'],
  ['&Run', 'run'],
  ['Resu&lts', 'results'],
  ['M&odes', 'modes'],
  ['&Sessions', 'sessions'],
];

/** The application's menu. Its commands are carried out by the page, through `tell`. */
export function createMenu(tell: (command: PageCommand) => void, developer: boolean): Menu {
  const pages = PAGES.map(
    ([label, command], index): MenuItemConstructorOptions => ({
      label,
      accelerator: `CmdOrCtrl+${index + 1}`,
      click: () => tell(command),
    }),
  );
  const tools: MenuItemConstructorOptions[] = [{ role: 'reload' }, { role: 'toggleDevTools' }];
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return Menu.buildFromTemplate([
    ...mac,
    {
      label: '&File',
      submenu: [
        { label: 'Se&ttings', accelerator: 'CmdOrCtrl+,', click: () => tell('settings') },
        { type: 'separator' },
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        { type: 'separator' },
        { label: 'Undo &deletion', accelerator: 'CmdOrCtrl+Shift+Z', click: () => tell('undo-deletion') },
      ],
    },
    {
      label: '&View',
      submenu: [
        { label: 'Command &palette…', accelerator: 'CmdOrCtrl+K', click: () => tell('palette') },
        { type: 'separator' },
        ...pages,
        { label: '&Inspector', accelerator: 'CmdOrCtrl+I', click: () => tell('inspector') },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(developer ? tools : []),
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: '&Tour', click: () => tell('tour') }] },
  ]);
}
