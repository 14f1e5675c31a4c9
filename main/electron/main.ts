/** The desktop program: one window over the host of this machine. */
import { join } from 'node:path';
import { app, type BrowserWindow, Menu, session } from 'electron';
import { handlersOf } from '../../core/contract/channels';
import { configFolder, dataFolder } from '../../setup/folders.mjs';
import { applicationRoot } from '../applicationRoot';
import { deviceProcessScript } from '../host/launcher';
import { openHost } from '../host/openHost';
import { chooseFiles } from './chooseFiles';
import { utilityDeviceProcess } from './deviceProcess';
import { answerPage, tellPage } from './ipc';
import { createMenu } from './menu';
import { declarePageScheme, servePage } from './pageProtocol';
import { printPdf } from './printPdf';
import { printAndEnd, printOrder } from './printReport';
import { saveReport } from './reports';
import { createWindow, forbidNavigation, forbidPermissions } from './window';

function start(): void {
  const order = printOrder(process.argv);
  // Root has no sandbox: setup then starts Chromium without one, and says so.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  if (order) {
    printAndEnd(order);
    return;
  }
  app.setPath('userData', join(configFolder, 'window'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  declarePageScheme();
  forbidNavigation();
  void app.whenReady().then(openProgram);
}

function openProgram(): void {
  const built = join(applicationRoot(), 'dist');
  forbidPermissions(session.defaultSession);
  servePage(join(built, 'renderer'));

  const host = openHost(utilityDeviceProcess(deviceProcessScript()), printPdf);
  const window = createWindow({
    preload: join(built, 'main', 'preload.cjs'),
    state: join(configFolder, 'window.json'),
  });
  Menu.setApplicationMenu(
    createMenu(
      {
        tell: (command) => tellPage(window, { kind: 'command', command }),
        choose: (of) => {
          void chooseFiles(window, of).then((files) => {
            if (files.length > 0) tellPage(window, { kind: 'chosen-files', of, files });
          });
        },
      },
      !app.isPackaged,
    ),
  );
  const stopTelling = host.onEvent((event) => tellPage(window, event));
  const stopAnswering = answerPage(
    handlersOf(host, {
      saveReport: (request) => saveReport(window, host, request),
      programInfo: async () => ({
        version: app.getVersion(),
        runtime: `Electron ${process.versions.electron}, Chromium ${process.versions.chrome}`,
        dataFolder,
      }),
    }),
  );

  showOnSecondStart(window);
  app.on('window-all-closed', () => app.quit());
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    // The journals are closed first; device processes end with them.
    event.preventDefault();
    stopAnswering();
    void host.close().finally(() => {
      closed = true;
      stopTelling();
      app.quit();
    });
  });
}

function showOnSecondStart(window: BrowserWindow): void {
  app.on('second-instance', () => {
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  });
}

start();
