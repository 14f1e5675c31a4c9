/** Prints a page that needs nothing else as PDF, in a hidden window without scripts. */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserWindow, session } from 'electron';

/** @param html a whole page; its own policy says what it may show */
export async function printPdf(html: string): Promise<Uint8Array> {
  const path = join(tmpdir(), `bnnw-report-${randomBytes(8).toString('hex')}.html`);
  await writeFile(path, html, { mode: 0o600 });
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      javascript: false,
      // Apart from the workbench's own page: nothing is kept, nothing is asked for.
      session: session.fromPartition('print'),
    },
  });
  try {
    await window.loadFile(path);
    return Uint8Array.from(await window.webContents.printToPDF({ pageSize: 'A4', printBackground: true }));
  } finally {
    window.destroy();
    await rm(path, { force: true });
  }
}
