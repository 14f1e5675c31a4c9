/** `bnnw calibrate`. */
import { WorkbenchError } from '../../core/errors';
import { bestDevice } from '../../core/evaluation/bestDevice';
import { formatCount } from '../../core/report/format';
import { devicesNamed } from '../host/deviceNames';
import type { Host } from '../host/host';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { parseCount, parseSeed } from './options';
import { printable, type Terminal } from './terminal';

export interface CalibrateOptions {
  output?: string;
  dataset?: string;
  device?: string;
  images: number;
  seed: number;
}

export async function calibrateCommand(
  host: Host,
  terminal: Terminal,
  model: string,
  options: CalibrateOptions,
): Promise<number> {
  const output = options.output ?? model;
  if (!output.endsWith('.safetensors')) {
    throw new WorkbenchError('usage', `${output} does not end in .safetensors.`, {
      where: output,
      remedy: 'Name the new file with --output.',
    });
  }
  const { devices } = await host.listDevices();
  const device =
    options.device === undefined ? bestDevice(devices) : devicesNamed([options.device], devices)[0];
  if (!device) {
    throw new WorkbenchError('not-available', 'There is no device to run the training images on.', {
      remedy: 'Run `npx bnnw doctor`.',
    });
  }
  const request = {
    deviceId: device.id,
    model,
    output,
    dataset: options.dataset ?? null,
    images: options.images,
    seed: options.seed,
  };
  let shown = '';
  const result = await host.calibrate(request, (detail) => {
    if (detail === shown) return;
    shown = detail;
    terminal.stderr.write(`${printable(detail)}\n`);
  });
  terminal.stdout.write(
    printable(
      `${output}: ${result.model.id}, scales from ${formatCount(result.images)} training images of ` +
        `${result.dataset} (seed ${options.seed}), SHA-256 ${result.model.sha256}\n`,
    ),
  );
  return EXIT_DONE;
}

export function addCalibrateCommand({ command, host, terminal, end }: CommandLine): void {
  command('calibrate <MODEL>', 'choose the scales of the integer precisions from training images')
    .option('-o, --output <FILE>', "the new .safetensors file (default: the model's own)")
    .option('--dataset <ID|DIR>', "mnist, cifar10 or a folder (default: the model's own)")
    .option('--device <ID|NAME>', 'runs the images in fp32 (default: the best OpenCL device)')
    .option('--images <N>', 'training images', parseCount, 400)
    .option('--seed <N>', 'draws them', parseSeed, 1)
    .action(async (model: string, options: CalibrateOptions) =>
      end(await calibrateCommand(host, terminal, model, options)),
    );
}
