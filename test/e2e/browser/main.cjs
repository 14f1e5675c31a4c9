/** A plain browser: the Chromium in Electron, one window, nothing of ours in it. Its address comes by PAGE_ADDRESS. */
const { app, BrowserWindow } = require('electron');

app.enableSandbox();
void app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1360, height: 860, webPreferences: { sandbox: true } });
  void window.loadURL(process.env.PAGE_ADDRESS);
});
app.on('window-all-closed', () => app.quit());
