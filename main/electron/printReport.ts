/** Electron as a printer for the command line: `electron print-report.cjs FROM.html TO.pdf`. */
import { readFile, writeFile } from 'node:fs/promises';
import { app } from 'electron';
import { printPdf } from './printPdf';

async function print(): Promise<void> {
  const [from, to] = process.argv.slice(-2);
  if (from === undefined || to === undefined) throw new Error('two files are needed');
  await writeFile(to, await printPdf(await readFile(from, 'utf8')));
}

// A printed page needs no graphics card, and a machine without a screen has none to offer.
app.disableHardwareAcceleration();
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
app.on('window-all-closed', () => {});
void app
  .whenReady()
  .then(print)
  .then(
    () => app.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      app.exit(1);
    },
  );
