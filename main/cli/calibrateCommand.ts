/** `bnnw calibrate`. */
import { WorkbenchError } from '../../core/errors';
import { bestDevice } from '../../core/evaluation/bestDevice';
import { formatCount } from '../../core/report/format';
import { devicesNamed } from '../host/deviceNames';
import type { Host } from '../host/host';
import { EXIT_DONE } from './failure';
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
      remedy: 'Run `bnnw doctor`.',
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
