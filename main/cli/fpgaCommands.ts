/** `bnnw fpga`: boards, builds and the library of images; estimates are in fpgaEstimateCommand.ts. */
import { resolve } from 'node:path';
import { Option } from 'commander';
import { WorkbenchError } from '../../core/errors';
import { clockRemark } from '../../core/fpga/estimate';
import { type FpgaImageInfo, imageRemark } from '../../core/fpga/image';
import { FPGA_BOARDS } from '../../core/fpga/parts';
import type { Precision } from '../../core/network/precision';
import { formatCount } from '../../core/report/format';
import { shellWord } from '../../core/shellWord';
import { buildFpgaImage } from '../host/fpgaBuild';
import type { Host } from '../host/host';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { BOARD_IDS, boardOf } from './fpgaBoardNames';
import { type EstimateOptions, estimateCommand } from './fpgaEstimateCommand';
import { parseBoardName, parseClock, parseList, parsePrecisions, parseText } from './options';
import { printable, type Terminal, table } from './terminal';

interface BuildOptions {
  board: string;
  sdkBoard?: string;
  model: string;
  precision: Precision[];
  folding?: string;
  clock?: number;
  emulator?: boolean;
  report?: boolean;
  output: string;
}

interface ImagesOptions {
  add?: string;
  remove?: string;
  json?: boolean;
}

function boardsCommand(terminal: Terminal): number {
  const rows = FPGA_BOARDS.map(({ id, name, logic, memories, dspBlocks, clockMHz, source }) => [
    id,
    name,
    `${formatCount(logic.count)} ${logic.unit}s`,
    memories.map((memory) => `${formatCount(memory.blocks)} ${memory.name}`).join(', '),
    formatCount(dspBlocks),
    String(clockMHz),
    source,
  ]);
  const heads = ['id', 'board', 'logic', 'memory', 'DSP blocks', 'MHz planned', 'source of the sizes'];
  terminal.stdout.write(table(heads, rows));
  return EXIT_DONE;
}

async function buildCommand(terminal: Terminal, options: BuildOptions): Promise<number> {
  const board = boardOf(options.board);
  const sdkBoard = options.sdkBoard ?? board.sdkBoards[0];
  if (sdkBoard === undefined) {
    throw new WorkbenchError('usage', `${board.name} has no board package that this program knows.`, {
      where: board.id,
      remedy: 'Name the platform that you made for it: --sdk-board.',
    });
  }
  if (options.precision.length !== 1) {
    throw new WorkbenchError('usage', 'An image has one precision.', { where: '--precision' });
  }
  const target = options.report ? 'report' : options.emulator ? 'emulator' : 'board';
  // A compiler that is left alone goes on for hours.
  const ending = new AbortController();
  const stopInterrupts = terminal.onInterrupt(() => ending.abort());
  const {
    commands,
    missing,
    image,
    estimate: estimated,
    report,
  } = await buildFpgaImage({
    model: options.model,
    precision: options.precision[0]!,
    board,
    sdkBoard,
    target,
    folder: resolve(options.output),
    foldingFile: options.folding,
    clockMHz: options.clock,
    onLine: (line) => void terminal.stderr.write(printable(`${line}\n`)),
    signal: ending.signal,
  }).finally(stopInterrupts);
  if (estimated.shortOf.length > 0) {
    const missing = estimated.shortOf.join(', ');
    terminal.stderr.write(
      printable(`warning: by the estimate the folding needs more than is planned for: ${missing}.\n`),
    );
  }
  const remark = clockRemark(board, options.clock);
  if (remark) terminal.stderr.write(`remark: ${remark}\n`);
  const rate = formatCount(Math.round(estimated.imagesPerSecond));
  terminal.stdout.write(
    printable(
      `Sources for ${rate} images/s at ${estimated.clockMHz} MHz (an estimate) are in ${options.output}.\n`,
    ),
  );
  if (missing.length > 0) {
    terminal.stdout.write(
      `Not on PATH here: ${missing.join(', ')}. Run in that folder (build.sh has the same):\n\n`,
    );
    for (const command of commands) terminal.stdout.write(`  ${printable(command)}\n`);
    return EXIT_DONE;
  }
  if (report !== null)
    terminal.stdout.write(printable(`The compiler's report: ${options.output}/${report}\n`));
  if (image)
    terminal.stdout.write(
      printable(`The image: ${image}\nAdd it: npx bnnw fpga images --add ${shellWord(image)}\n`),
    );
  return EXIT_DONE;
}

async function imagesCommand(host: Host, terminal: Terminal, options: ImagesOptions): Promise<number> {
  if (options.add !== undefined) {
    const { id, board } = await host.addFpgaImage(resolve(options.add));
    terminal.stderr.write(printable(`Added ${id}, an image for ${board}.\n`));
  }
  if (options.remove !== undefined) {
    await host.removeFpgaImage(options.remove);
    terminal.stderr.write(printable(`Removed ${options.remove}.\n`));
  }
  const images = await host.listFpgaImages();
  if (options.json) terminal.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
  else if (images.length === 0)
    terminal.stdout.write('There are no images. Build one: npx bnnw fpga build --help\n');
  else terminal.stdout.write(table(IMAGE_HEADS, images.map(imageRow)));
  return EXIT_DONE;
}

const IMAGE_HEADS = ['id', 'file', 'board', 'for', 'network', 'precision', 'MHz', 'logic', 'built', 'remark'];

function imageRow(image: FpgaImageInfo): string[] {
  const { manifest, resources } = image;
  const logic = resources?.logic;
  return [
    image.id,
    image.name,
    image.board,
    image.target === 'board' ? 'board' : 'emulator',
    manifest?.network ?? '–',
    manifest?.precision ?? '–',
    image.clockMHz === null ? '–' : String(image.clockMHz),
    !logic
      ? '–'
      : logic.of === null
        ? formatCount(logic.used)
        : `${((100 * logic.used) / logic.of).toFixed(0)} %`,
    (manifest?.builtAt ?? image.addedAt).slice(0, 10),
    imageRemark(image),
  ];
}

export function addFpgaCommands({ command, host, terminal, end }: CommandLine): void {
  const fpga = command('fpga', 'FPGA boards: estimates, kernels to compile, and images to run');
  const clock = (otherwise: string) =>
    new Option('--clock <MHz>', `clock of the kernels (default: ${otherwise})`).argParser(parseClock);

  fpga
    .command('boards')
    .description('list the boards that are known, with the sizes of their parts and where those are from')
    .action(() => end(boardsCommand(terminal)));

  fpga
    .command('estimate')
    .description('compute what networks would do on boards; nothing is measured')
    .option('--board <ID,…>', `${BOARD_IDS.join(', ')}, or all`, parseList, ['all'])
    .option('--model <ID,…>', 'binarized models', parseList, ['mnist-deterministic', 'cifar10-deterministic'])
    .option('--precision <NAME,…>', 'precision of the activations', parsePrecisions, ['a4'])
    .addOption(clock("the board's plan"))
    .option('--layers', 'each layer with its folding, cycles and area')
    .option('--json', 'as JSON')
    .action(async (options: EstimateOptions) => end(await estimateCommand(host, terminal, options)));

  fpga
    .command('build')
    .description("write a network's kernels and compile them with aoc or v++, or print the commands")
    .requiredOption('--board <ID>', BOARD_IDS.join(', '))
    .option(
      '--sdk-board <NAME>',
      "the compiler's name of the board (default: the first that is known)",
      parseBoardName,
    )
    .option('--model <ID|FILE>', 'a binarized model with scales', parseText, 'mnist-deterministic')
    .option('--precision <NAME>', 'precision of the activations', parsePrecisions, ['a4'])
    .option('--folding <FILE>', 'a folding.json (default: the fastest that fits the board)', parseText)
    .addOption(clock("v++: the board's plan; aoc: the fastest that it finds"))
    .addOption(new Option('--emulator', "an image for the vendor's emulator").conflicts('report'))
    .option('--report', "only the compiler's report, in minutes instead of hours")
    .option('-o, --output <DIR>', 'folder for sources and image', parseText, 'fpga-build')
    .action(async (options: BuildOptions) => end(await buildCommand(terminal, options)));

  fpga
    .command('images')
    .description('list the images in the library, with board, clock, resources and network')
    .option(
      '--add <FILE>',
      'copy an .aocx or .xclbin into the library, with the manifest beside it',
      parseText,
    )
    .option('--remove <ID>', 'remove an image from the library', parseText)
    .option('--json', 'as JSON')
    .action(async (options: ImagesOptions) => end(await imagesCommand(host, terminal, options)));
}
