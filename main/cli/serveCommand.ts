/** `bnnw serve`. */
import type { Host } from '../host/host';
import { openServer } from '../server/openServer';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { parsePort } from './options';
import type { Terminal } from './terminal';

/** Shows the window's page in a browser until Ctrl-C. @returns the exit code */
export async function serveCommand(host: Host, terminal: Terminal, port: number): Promise<number> {
  const interrupted = new Promise<void>((resolve) => {
    const stop = terminal.onInterrupt(() => {
      stop();
      resolve();
    });
  });
  const server = await openServer(host, port);
  const { port: chosen } = new URL(server.address);
  terminal.stdout.write(`${server.address}\n`);
  terminal.stderr.write(
    'Open this address in a browser on this machine; whoever has it may use the workbench.\n' +
      `From another machine: ssh -L ${chosen}:127.0.0.1:${chosen} THIS-MACHINE, and open the same address there.\n` +
      'Ctrl-C ends the server; a job ends after the batch in flight and can be resumed.\n',
  );
  await interrupted;
  await server.close();
  return EXIT_DONE;
}

export function addServeCommand({ command, host, terminal, end }: CommandLine): void {
  command('serve', 'show the workbench in a browser, for a machine without a screen')
    .option('--port <N>', 'on 127.0.0.1 (default: one that is free)', parsePort)
    .action(async ({ port = 0 }: { port?: number }) => end(await serveCommand(host, terminal, port)));
}
