/** All commands, and what every command line has in common. */
import { Command, CommanderError, Help, type Option } from 'commander';
import type { Host } from '../host/host';
import { programVersion } from '../host/provenance';
import { addCalibrateCommand } from './calibrateCommand';
import type { CommandLine } from './commandLine';
import { addDoctorCommand } from './doctorCommand';
import { EXIT_DONE, EXIT_WRONG_USE, printError } from './failure';
import { addFileCommands } from './fileCommands';
import { addFpgaCommands } from './fpgaCommands';
import { addListCommands } from './listCommands';
import { addPaperCommand } from './paperCommand';
import { addReportCommand } from './reportCommand';
import { addRerunCommand } from './rerunCommand';
import { addRunCommands } from './runCommand';
import { addServeCommand } from './serveCommand';
import type { Terminal } from './terminal';
import { addTuneCommand } from './tuneCommand';

/**
 * Runs one command line.
 * @param args without program and script
 * @returns the exit code
 */
export async function runCli(args: string[], host: Host, terminal: Terminal): Promise<number> {
  let exitCode = EXIT_DONE;
  const program = commands(host, terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    // Commander has told what is wrong with the command line, or has shown help or version.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT_DONE : EXIT_WRONG_USE;
    return printError(terminal, thrown, args.includes('--verbose'));
  } finally {
    await host.close();
  }
}

function commands(host: Host, terminal: Terminal, end: (exitCode: number) => void): Command {
  const program = new Command('npx bnnw')
    .description('Measures binarized neural networks on FPGA, GPU and CPU.')
    .version(programVersion())
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .configureHelp({ optionDescription })
    .exitOverride();
  // Subcommands take over the settings above.
  const command = (usage: string, description: string) => {
    return program.command(usage).description(description).option('--verbose', 'with the details of errors');
  };

  const line: CommandLine = { command, host, terminal, end };
  addListCommands(line);
  addRunCommands(line);
  addRerunCommand(line);
  addPaperCommand(line);
  addFileCommands(line);
  addReportCommand(line);
  addCalibrateCommand(line);
  addTuneCommand(line);
  addFpgaCommands(line);
  addDoctorCommand(line);
  addServeCommand(line);

  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a run failed, is invalid or a file was refused, 2 wrong use, 130 ended by Ctrl-C.',
  );
  return program;
}

/** Commander shows the default of a list as JSON; a person types it as words between commas. */
function optionDescription(option: Option): string {
  if (Array.isArray(option.defaultValue)) option.defaultValueDescription ??= option.defaultValue.join(',');
  return new Help().optionDescription(option);
}
