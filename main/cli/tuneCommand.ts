/** `bnnw tune`. */

import { WorkbenchError } from '../../core/errors';
import { bestDevice } from '../../core/evaluation/bestDevice';
import type { Precision } from '../../core/network/precision';
import { formatNumber } from '../../core/report/format';
import { devicesNamed } from '../host/deviceNames';
import type { Host } from '../host/host';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { parseBatchSizes, parseList, parsePrecisions } from './options';
import { printable, type Terminal, table } from './terminal';

export interface TuneOptions {
  device?: string;
  model: string[];
  precision: Precision[];
  batch: number[];
  again?: boolean;
}

/** Prints what each implementation takes and which one later runs take. */
export async function tuneCommand(host: Host, terminal: Terminal, options: TuneOptions): Promise<number> {
  const { devices } = await host.listDevices();
  const device =
    options.device === undefined ? bestDevice(devices) : devicesNamed([options.device], devices)[0];
  if (!device) {
    throw new WorkbenchError('not-available', 'There is no device to tune.', {
      remedy: 'Run `npx bnnw doctor`.',
    });
  }
  for (const model of options.model)
    for (const precision of options.precision)
      for (const batchSize of options.batch) {
        terminal.stderr.write(printable(`${model} on ${device.name}, ${precision}, batch ${batchSize}\n`));
        const again = options.again === true;
        const request = { deviceId: device.id, model, precision, batchSize, again };
        const tuning = await host.tune(request);
        const rows = tuning.trials.map(({ name, medianMs }) => [
          name,
          medianMs === null ? 'wrong answer' : formatNumber(medianMs / tuning.batchSize),
          name === tuning.chosen ? 'chosen' : '',
        ]);
        terminal.stdout.write(table(['Kernels', `ms an image, batch ${tuning.batchSize}`, ''], rows));
      }
  return EXIT_DONE;
}

export function addTuneCommand({ command, host, terminal, end }: CommandLine): void {
  command('tune', 'measure the kernels that a device chooses from, and keep the fastest')
    .option('--device <ID|NAME>', 'the device (default: the best OpenCL device)')
    .option('--model <ID|FILE,…>', 'models', parseList, ['cifar10-deterministic', 'mnist-deterministic'])
    .option('--precision <NAME,…>', 'precisions', parsePrecisions, ['a4', 'a8'])
    .option('--batch <N,…>', 'batch sizes', parseBatchSizes, [256, 1])
    .option('--again', 'measure even where all are measured already')
    .action(async (options: TuneOptions) => end(await tuneCommand(host, terminal, options)));
}
