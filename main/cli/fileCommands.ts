/** `bnnw import` and `bnnw install` of data sets. */
import { existsSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { WorkbenchError } from '../../core/errors';
import { formatBytes, formatCount } from '../../core/report/format';
import { type DatasetProgress, fetchDataset } from '../host/datasetFetch';
import type { Host } from '../host/host';
import { importModel } from '../host/modelImport';
import { nearest } from '../host/nearest';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { required } from './options';
import { printable, type Terminal } from './terminal';

export async function importCommand(
  terminal: Terminal,
  source: string,
  options: { output?: string; topology?: string; force?: boolean },
): Promise<number> {
  const output = required(options.output, '--output');
  if (!options.force) requireFree(output);
  const model = await importModel(source, output, options.topology);
  terminal.stdout.write(
    printable(
      `${output}: ${model.id}, ${model.topology}, mode ${model.mode}, ` +
        `${formatCount(model.parameters)} parameters, ${formatCount(model.binaryParameters)} of them one bit each, ` +
        `SHA-256 ${model.sha256}\n`,
    ),
  );
  return EXIT_DONE;
}

/** @throws WorkbenchError `usage` where something is there */
function requireFree(file: string): void {
  if (!existsSync(file)) return;
  throw new WorkbenchError('usage', 'There is a file of this name already.', {
    where: file,
    remedy: 'Choose another name, or replace it with --force.',
  });
}

/** Data sets only: what setup installs never comes here. */
export async function installCommand(host: Host, terminal: Terminal, id: string): Promise<number> {
  const known = await host.listDatasets();
  const dataset = known.find((each) => each.id === id);
  if (!dataset) {
    const names = ['pocl', 'intel-cpu', 'fpga-emulator', 'electron', ...known.map((each) => each.id)];
    throw new WorkbenchError('unknown-name', `There is nothing called ${id} to install.`, {
      remedy: nearest(id, names),
    });
  }
  if (dataset.present) {
    terminal.stderr.write(`${dataset.name} is here already\n`);
    return EXIT_DONE;
  }
  const show = fetchView(terminal);
  try {
    await fetchDataset(dataset.id, show.progress);
  } finally {
    show.end();
  }
  terminal.stderr.write(`${dataset.name} is here\n`);
  return EXIT_DONE;
}

function fetchView(terminal: Terminal): { progress(progress: DatasetProgress): void; end(): void } {
  let shown = '';
  let bar: SingleBar | null = null;
  return {
    progress({ dataset, phase, source, doneBytes, totalBytes }) {
      const line = `${phase} ${dataset} from ${source}`;
      if (!terminal.interactive) {
        if (line !== shown) terminal.stderr.write(printable(`${line}\n`));
        shown = line;
        return;
      }
      const values = { line: printable(line), size: formatBytes(doneBytes) };
      if (!bar) {
        bar = new SingleBar({
          stream: terminal.stderr,
          format: '[{bar}] {percentage} %  {line}  {size}',
          barsize: 20,
          barCompleteChar: '#',
          barIncompleteChar: '.',
          clearOnComplete: true,
          gracefulExit: false,
        });
        bar.start(totalBytes ?? 1, 0, values);
      }
      bar.setTotal(totalBytes ?? Math.max(1, doneBytes));
      bar.update(totalBytes === null ? 0 : doneBytes, values);
    },
    end: () => bar?.stop(),
  };
}

export function addFileCommands({ command, host, terminal, end }: CommandLine): void {
  command('import <FILE>', 'write a .pt or .safetensors model in the form of the workbench')
    .option('-o, --output <FILE>', 'the new .safetensors file')
    .option('--topology <FILE>', "JSON description of the network's layers")
    .option('--force', 'replace a file that is there')
    .action(async (file: string, options: { output?: string; topology?: string; force?: boolean }) =>
      end(await importCommand(terminal, file, options)),
    );

  command(
    'install <NAME>',
    'fetch one thing: pocl, intel-cpu, fpga-emulator, electron, mnist or cifar10',
  ).action(async (name: string) => end(await installCommand(host, terminal, name)));
}
