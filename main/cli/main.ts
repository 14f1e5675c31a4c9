import { deviceProcessScript, forkDeviceProcess } from '../host/launcher';
import { openHost } from '../host/openHost';
import { runCli } from './program';
import { processTerminal } from './terminal';

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const host = openHost(forkDeviceProcess(deviceProcessScript()));
void runCli(process.argv.slice(2), host, processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
