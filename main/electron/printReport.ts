/** The program as a printer for the command line: `electron FOLDER --print-report FROM.html TO.pdf`. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { app } from 'electron';
import { printPdf } from './printPdf';

export interface PrintOrder {
  from: string;
  to: string;
}

/** What a command line asks to be printed; null where it asks for the window. */
export function printOrder(args: readonly string[]): PrintOrder | null {
  const [from, to] = args.slice(args.indexOf('--print-report') + 1);
  return args.includes('--print-report') && from && to ? { from, to } : null;
}

/** Prints and ends, beside a window that may be open. A failure is told on standard error. */
export function printAndEnd({ from, to }: PrintOrder): void {
  // Beside the file, in the folder that whoever asked takes away: a window that is open has the usual one.
  app.setPath('userData', join(dirname(to), 'electron'));
  // A page needs no graphics card, and a machine without a screen has none to offer.
  app.disableHardwareAcceleration();
  // The hidden window closes before its file is written.
  app.on('window-all-closed', () => {});
  void app
    .whenReady()
    .then(async () => writeFile(to, await printPdf(await readFile(from, 'utf8'))))
    .then(
      () => app.exit(0),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        process.stderr.write(`${reason}\n`, () => app.exit(1));
      },
    );
}
