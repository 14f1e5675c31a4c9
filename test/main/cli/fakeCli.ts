/** The command line over the made-up devices, as a program of its own: FOLDER DEVICE-PROCESS ARGUMENT… */
import { runCli } from '../../../main/cli/program';
import { processTerminal } from '../../../main/cli/terminal';
import { fakeHost } from '../host/fakeHost';

const [folder, script, ...args] = process.argv.slice(2);
void runCli(args, fakeHost(script!, folder!).host, processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
