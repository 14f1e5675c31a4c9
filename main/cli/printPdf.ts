/** PDF for the command line: Electron prints it, in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import { applicationRoot } from '../applicationRoot';

/** A page of hundreds of runs takes seconds. */
const PATIENCE_MS = 120_000;
const reasonSchema = z.object({ message: z.string(), remedy: z.string() });

/** @throws WorkbenchError `usage` that says why there is nothing to print with */
export async function printPdf(html: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'bnnw-print-'));
  const [from, to] = [join(folder, 'report.html'), join(folder, 'report.pdf')];
  try {
    await writeFile(from, html);
    await startPrinter(from, to);
    return await readFile(to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startPrinter(from: string, to: string): Promise<void> {
  const script = join(applicationRoot(), 'setup', 'printPdf.mjs');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, from, to],
      { timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
      (error, _, stderr) => {
        if (error === null) resolve();
        else reject(refusal(stderr));
      },
    );
  });
}

function refusal(stderr: string): WorkbenchError {
  const reason = reasonSchema.safeParse(parsed(stderr));
  const { message, remedy } = reason.success
    ? reason.data
    : { message: 'Electron did not start', remedy: 'Write an .html report and print it from a browser.' };
  return new WorkbenchError('usage', `The PDF could not be printed: ${message}.`, {
    remedy,
    details: reason.success ? undefined : stderr,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
