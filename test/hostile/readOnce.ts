/**
 * A process that reads one file: READER PATH. Prints what came of it and the memory that it took: the most that this
 * process held from then on, above what it held before. Linux only: elsewhere, and by getrusage, a process begins with
 * the peak of the one that started it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSession } from '../../core/session/document';
import { readCifarBinary } from '../../main/datasets/cifarBinary';
import { readCifarPng } from '../../main/datasets/cifarPng';
import { readCifarPython } from '../../main/datasets/cifarPython';
import { readIdx } from '../../main/datasets/idx';
import { readManifest } from '../../main/fpga/manifestFile';
import { readImage } from '../../main/fpga/readImage';
import { readJournal } from '../../main/host/journalFile';
import { readSessionFile } from '../../main/host/sessionFile';
import { openModel } from '../../main/models/openModel';
import { readMeterLog } from '../../main/power/meterLog';
import { readText } from '../../main/storage/readText';

export interface Reading {
  outcome: 'read' | 'refused';
  message: string | null;
  /** Of the processor: a process that is stopped for a while gets none. */
  cpuMs: number;
  grownBytes: number;
}

const model = (mode: 'none' | 'deterministic') => (path: string) =>
  openModel(path, { topologyFile: join(dirname(path), 'network.json'), mode });

export const readers = {
  'model of real weights': model('none'),
  'binarized model': model('deterministic'),
  idx: (path) => readIdx(path, 3),
  'cifar binary': (path) => readCifarBinary([path]),
  'cifar python': (path) => readCifarPython([path]),
  'cifar png': (path) => readCifarPng([path], join(dirname(path), 'labels.json')),
  labels: (path) => readCifarPng([join(dirname(path), 'strip.png')], path),
  session: async (path) => parseSession(await readText(path), path),
  'session file': readSessionFile,
  journal: readJournal,
  'meter log': (path) => readMeterLog(path, 'wall', 0),
  image: readImage,
  manifest: readManifest,
} satisfies Record<string, (path: string) => Promise<unknown>>;

/** From here on the peak counts. */
function forgetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}

function peakBytes(): number {
  const [, kib = ''] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) * 1024;
}

async function readOnce(reader: keyof typeof readers, path: string): Promise<Reading> {
  forgetPeak();
  const before = peakBytes();
  const started = process.cpuUsage();
  const thrown: unknown = await readers[reader](path).then(
    () => null,
    (error: unknown) => error,
  );
  const { user, system } = process.cpuUsage(started);
  const grownBytes = peakBytes() - before;
  if (thrown !== null && !(thrown instanceof Error && 'kind' in thrown)) throw thrown;
  return {
    outcome: thrown === null ? 'read' : 'refused',
    message: thrown === null ? null : thrown.message,
    cpuMs: (user + system) / 1000,
    grownBytes,
  };
}

const [, , reader = '', path = ''] = process.argv;
if (!(reader in readers)) throw new Error(`there is no reader ${reader}`);
void readOnce(reader as keyof typeof readers, path).then((reading) => {
  process.stdout.write(JSON.stringify(reading));
});
