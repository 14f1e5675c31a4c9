/** `bnnw devices`, `bnnw models` and `bnnw sessions`. */
import type { Advice, SessionSummary } from '../../core/contract/host';
import { formatBytes, formatCount } from '../../core/report/format';
import type { Host } from '../host/host';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { printable, type Terminal, table } from './terminal';

interface ListOptions {
  json?: boolean;
}

export async function devicesCommand(
  host: Host,
  terminal: Terminal,
  options: ListOptions & { restore?: string },
): Promise<number> {
  if (options.restore !== undefined) {
    await host.restoreDevice(options.restore);
    terminal.stderr.write(printable(`${options.restore} may be used again\n`));
    return EXIT_DONE;
  }
  const listing = await host.listDevices();
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(listing, null, 2)}\n`);
    return EXIT_DONE;
  }
  const heads = ['id', 'name', 'platform', 'type', 'driver', 'memory', 'units'];
  const rows = listing.devices.map((device) => [
    device.id,
    device.name,
    device.platform,
    device.type,
    device.driver,
    device.memoryBytes > 0 ? formatBytes(device.memoryBytes) : '–',
    device.computeUnits > 0 ? formatCount(device.computeUnits) : '–',
  ]);
  terminal.stdout.write(table(heads, rows));
  for (const each of listing.advice) terminal.stdout.write(`\n${adviceText(each)}`);
  return EXIT_DONE;
}

export async function modelsCommand(host: Host, terminal: Terminal, options: ListOptions): Promise<number> {
  const models = await host.listModels();
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
    return EXIT_DONE;
  }
  const heads = ['id', 'mode', 'data set', 'topology', 'parameters', 'binary', 'file'];
  const rows = models.map((model) => [
    model.id,
    model.mode,
    model.dataset ?? '–',
    model.topology,
    formatCount(model.parameters),
    formatCount(model.binaryParameters),
    formatBytes(model.fileBytes),
  ]);
  terminal.stdout.write(table(heads, rows));
  return EXIT_DONE;
}

export async function sessionsCommand(host: Host, terminal: Terminal, options: ListOptions): Promise<number> {
  const sessions = await host.listSessions();
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(sessions, null, 2)}\n`);
    return EXIT_DONE;
  }
  const heads = ['id', 'name', 'made', 'runs', 'failures', 'remark'];
  const rows = sessions.map((session) => [
    session.id,
    session.name,
    session.createdAt,
    formatCount(session.runs),
    formatCount(session.failures),
    session.problem ?? stateText(session),
  ]);
  terminal.stdout.write(table(heads, rows));
  return EXIT_DONE;
}

function stateText({ id, open, interrupted, runsLeft }: SessionSummary): string {
  if (open) return 'being written';
  return interrupted ? `${formatCount(runsLeft)} left to run: npx bnnw resume ${id}` : '';
}

export function adviceText({ subject, problem, remedy }: Advice): string {
  return printable(`${subject}: ${problem}\n  to do: ${remedy}\n`);
}

export function addListCommands({ command, host, terminal, end }: CommandLine): void {
  command('devices', 'list the devices, and why a driver that is installed shows none')
    .option('--json', 'as JSON')
    .option('--restore <ID>', 'use a device again that was set aside after failures')
    .action(async (options: { json?: boolean; restore?: string }) =>
      end(await devicesCommand(host, terminal, options)),
    );

  command('models', 'list the bundled models')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => end(await modelsCommand(host, terminal, options)));

  command('sessions', 'list the sessions that are kept, newest first')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => end(await sessionsCommand(host, terminal, options)));
}
