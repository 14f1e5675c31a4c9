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

export interface MenuActions {
  /** The page carries it out. */
  tell(command: PageCommand): void;
  /** Asks for files and hands them to the page. */
  choose(of: 'sessions' | 'models'): void;
}

/** The application's menu. */
export function createMenu({ tell, choose }: MenuActions, developer: boolean): Menu {
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
        { label: '&Open session…', accelerator: 'CmdOrCtrl+O', click: () => choose('sessions') },
        { label: 'Import &model…', click: () => choose('models') },
        { type: 'separator' },
        { label: '&Compare chosen sessions', click: () => tell('compare') },
        { label: 'Mer&ge chosen sessions', click: () => tell('merge') },
        { label: '&Report…', accelerator: 'CmdOrCtrl+Shift+R', click: () => tell('report') },
        { type: 'separator' },
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
