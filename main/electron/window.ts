/** The window and what its page may not do. */
import { app, BrowserWindow, dialog, nativeTheme, type Session, screen } from 'electron';
import { PAGE_URL } from './pageProtocol';
import { isReachable, readWindowState, writeWindowState } from './windowState';

const FIRST_SIZE = { width: 1360, height: 860 };
const SMALLEST_SIZE = { minWidth: 880, minHeight: 560 };
/** The page's own ground, so that nothing flashes before it is drawn. */
const GROUND = { dark: '#17191c', light: '#ffffff' };

export interface WindowFiles {
  preload: string;
  state: string;
}

export function createWindow(files: WindowFiles): BrowserWindow {
  const kept = readWindowState(files.state);
  const displays = screen.getAllDisplays().map((display) => display.workArea);
  const place = kept !== null && isReachable(kept.bounds, displays) ? kept.bounds : FIRST_SIZE;
  const window = new BrowserWindow({
    ...SMALLEST_SIZE,
    ...place,
    title: app.getName(),
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: {
      preload: files.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (kept?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    writeWindowState(files.state, {
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
    });
  });
  window.webContents.on('render-process-gone', (_, { reason }) => void offerReload(window, reason));
  void window.loadURL(PAGE_URL);
  return window;
}

/** The page is gone, the program and its job are not. */
async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message: 'The window stopped working.',
    detail: `Its page ended (${reason}). A running job goes on, and everything finished is saved.`,
    buttons: ['Reload', 'Quit'],
    defaultId: 0,
  });
  if (response === 1) app.quit();
  else if (!window.isDestroyed()) window.reload();
}

/** No page of ours leaves its address, opens windows or embeds others. Holds for every page to come. */
export function forbidNavigation(): void {
  app.on('web-contents-created', (_, contents) => {
    const refuse = (event: { preventDefault(): void }) => event.preventDefault();
    contents.on('will-navigate', refuse);
    contents.on('will-redirect', refuse);
    contents.on('will-attach-webview', refuse);
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** Copying text after a click or key of the person is all that the page is allowed. */
export function forbidPermissions(session: Session): void {
  const allowed = (permission: string) => permission === 'clipboard-sanitized-write';
  session.setPermissionRequestHandler((_, permission, answer) => answer(allowed(permission)));
  session.setPermissionCheckHandler((_, permission) => allowed(permission));
  session.setDevicePermissionHandler(() => false);
}
