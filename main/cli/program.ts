/** The commands and their options. */
import { Command, CommanderError } from 'commander';
import type { Host } from '../host/host';
import { programVersion } from '../host/provenance';
import { type CalibrateOptions, calibrateCommand } from './calibrateCommand';
import { doctorCommand } from './doctorCommand';
import { EXIT_DONE, EXIT_WRONG_USE, printError } from './failure';
import { importCommand, installCommand, reportCommand } from './fileCommands';
import { devicesCommand, modelsCommand } from './listCommands';
import { parseBatchSizes, parseCount, parseList, parsePrecisions, parseScenario, parseSeed } from './options';
import { rerunCommand } from './rerunCommand';
import { evaluateCommand, type RunOptions, runCommand } from './runCommand';
import type { Terminal } from './terminal';
import { type TuneOptions, tuneCommand } from './tuneCommand';

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
  const program = new Command('bnnw')
    .description('Measures binarized neural networks on FPGA, GPU and CPU.')
    .version(programVersion())
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .exitOverride();
  // Subcommands take over the settings above.
  const command = (usage: string, description: string) => {
    return program.command(usage).description(description).option('--verbose', 'with the details of errors');
  };

  command('devices', 'list the devices, and why a driver that is installed shows none')
    .option('--json', 'as JSON')
    .option('--restore <ID>', 'use a device again that was set aside after failures')
    .action(async (options: { json?: boolean; restore?: string }) =>
      end(await devicesCommand(host, terminal, options)),
    );

  command('models', 'list the bundled models')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => end(await modelsCommand(host, terminal, options)));

  command('run', 'run test sets through models on devices, and save a session')
    .option('--model <ID|FILE,…>', 'bundled models or model files; `all` for every bundled one', parseList)
    .option('--dataset <ID|DIR>', "mnist, cifar10 or a folder (default: each model's own)")
    .option(
      '--device <ID|NAME,…>',
      'ids or parts of names; `all` for every device but the null device',
      parseList,
    )
    .option('--batch <N,…>', 'images in a batch', parseBatchSizes, [256])
    .option('--precision <NAME,…>', 'precision of the activations', parsePrecisions, ['fp32'])
    .option('--samples <N>', 'so many images, drawn by the seed (default: all)', parseCount)
    .option('--seed <N>', 'draws the images of a short run', parseSeed, 1)
    .option(
      '--scenario <NAME>',
      'accuracy: the test set once; latency: one image at a time; throughput: full batches until stable; ' +
        'sweep: throughput at each --batch',
      parseScenario,
      'accuracy',
    )
    .option('--quick', 'lower floors for what repeats: a look, and labelled as one')
    .option(
      '--json <FILE>',
      'write the session document too; - prints it on standard output and nothing else',
    )
    .option('--quiet', 'without progress')
    .action(async (options: RunOptions) => end(await runCommand(host, terminal, options)));

  command('evaluate', 'a first look: the bundled models on the best OpenCL device')
    .option('--samples <N>', 'images for each model', parseCount, 1000)
    .action(async (options: { samples: number; verbose?: boolean }) =>
      end(await evaluateCommand(host, terminal, options)),
    );

  command(
    'rerun <SESSION>',
    'repeat a session on this machine and compare: an id, or the path of a session.json',
  )
    .option('--quiet', 'without progress')
    .action(async (session: string, options: { quiet?: boolean; verbose?: boolean }) =>
      end(await rerunCommand(host, terminal, session, options)),
    );

  command('import <FILE>', 'write a .pt or .safetensors model in the form of the workbench')
    .option('-o, --output <FILE>', 'the new .safetensors file')
    .option('--topology <FILE>', "JSON description of the network's layers")
    .action(async (file: string, options: { output?: string; topology?: string }) =>
      end(await importCommand(terminal, file, options)),
    );

  command('calibrate <MODEL>', 'choose the scales of the integer precisions from training images')
    .option('-o, --output <FILE>', "the new .safetensors file (default: the model's own)")
    .option('--dataset <ID|DIR>', "mnist, cifar10 or a folder (default: the model's own)")
    .option('--device <ID|NAME>', 'runs the images in fp32 (default: the best OpenCL device)')
    .option('--images <N>', 'training images', parseCount, 400)
    .option('--seed <N>', 'draws them', parseSeed, 1)
    .action(async (model: string, options: CalibrateOptions) =>
      end(await calibrateCommand(host, terminal, model, options)),
    );

  command('tune', 'measure the kernels that a device chooses from, and keep the fastest')
    .option('--device <ID|NAME>', 'the device (default: the best OpenCL device)')
    .option('--model <ID|FILE,…>', 'models', parseList, ['cifar10-deterministic', 'mnist-deterministic'])
    .option('--precision <NAME,…>', 'precisions', parsePrecisions, ['a4', 'a8'])
    .option('--batch <N,…>', 'batch sizes', parseBatchSizes, [256, 1])
    .option('--again', 'measure even where all are measured already')
    .action(async (options: TuneOptions) => end(await tuneCommand(host, terminal, options)));

  command('report <SESSION>', 'write a report of a session: an id, or the path of a session.json')
    .option('-o, --output <FILE>', 'its ending says the format: .json, .csv or .md')
    .action(async (session: string, options: { output?: string }) =>
      end(await reportCommand(host, terminal, session, options)),
    );

  command('doctor', 'tell what is installed, what is missing, and what to do').action(async () =>
    end(await doctorCommand(host, terminal)),
  );

  command(
    'install <NAME>',
    'fetch one thing: pocl, intel-cpu, fpga-emulator, electron, mnist or cifar10',
  ).action(async (name: string) => end(await installCommand(host, terminal, name)));

  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a run failed, is invalid or a file was refused, 2 wrong use, 130 ended by Ctrl-C.',
  );
  return program;
}
