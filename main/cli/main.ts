import { deviceProcessScript, forkDeviceProcess } from '../host/launcher';
import { openHost } from '../host/openHost';
import { EXIT_FAILED } from './failure';
import { printPdf } from './printPdf';
import { runCli } from './program';
import { processTerminal } from './terminal';

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`error: The results could not be written: ${error.message}\nwhere: standard output\n`);
  process.exit(EXIT_FAILED);
});

const host = openHost(forkDeviceProcess(deviceProcessScript()), printPdf);
void runCli(process.argv.slice(2), host, processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
