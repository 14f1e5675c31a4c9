/** `bnnw fpga estimate`: what networks would do on boards; nothing is measured. */
import { batchImagesPerSecond, clockRemark, type FpgaEstimate } from '../../core/fpga/estimate';
import { FPGA_BOARDS } from '../../core/fpga/parts';
import { type SurveyRefusal, survey } from '../../core/fpga/survey';
import type { Precision } from '../../core/network/precision';
import { formatCount, formatNumber } from '../../core/report/format';
import type { Host } from '../host/host';
import { EXIT_DONE, EXIT_FAILED } from './failure';
import { boardOf, unknownName } from './fpgaBoardNames';
import { printable, type Terminal, table } from './terminal';

/** The size of `bnnw run`'s batches. */
const SHOWN_BATCH = 256;

export interface EstimateOptions {
  board: string[];
  model: string[];
  precision: Precision[];
  clock?: number;
  layers?: boolean;
  json?: boolean;
}

export async function estimateCommand(
  host: Host,
  terminal: Terminal,
  options: EstimateOptions,
): Promise<number> {
  const boards = options.board.includes('all') ? FPGA_BOARDS : options.board.map(boardOf);
  const models = await host.listModels();
  const surveys = options.model.map((id) => {
    const topology = models.find((model) => model.id === id)?.network;
    if (topology) return { model: id, ...survey(topology, boards, options.precision, options.clock) };
    throw unknownName(
      'model',
      id,
      models.map((model) => model.id),
    );
  });
  const estimates = surveys.flatMap((each) => each.estimates);
  const refusals = surveys.flatMap(({ model, refusals }) => refusalLines(model, refusals));
  if (options.json) terminal.stdout.write(`${JSON.stringify(estimates, null, 2)}\n`);
  else {
    terminal.stdout.write('Estimates, computed and not measured (docs/fpga.md):\n');
    if (estimates.length > 0) terminal.stdout.write(table(ESTIMATE_HEADS, estimates.map(estimateRow)));
  }
  const out = options.json ? terminal.stderr : terminal.stdout;
  for (const line of refusals) out.write(printable(`${line}\n`));
  if (options.layers && !options.json) {
    for (const each of estimates) terminal.stdout.write(layerText(each));
  }
  for (const board of boards) {
    const remark = clockRemark(board, options.clock);
    if (remark && estimates.some(({ boardId }) => boardId === board.id)) {
      terminal.stderr.write(`remark: ${remark}\n`);
    }
  }
  return estimates.length > 0 ? EXIT_DONE : EXIT_FAILED;
}

/** One line for all boards of one reason. */
function refusalLines(model: string, refusals: readonly SurveyRefusal[]): string[] {
  const boards = new Map<string, string[]>();
  for (const { boardId, reason } of refusals) boards.set(reason, [...(boards.get(reason) ?? []), boardId]);
  return [...boards].map(([reason, ids]) => `${model} on ${ids.join(', ')}: ${reason}`);
}

const ESTIMATE_HEADS = [
  'network',
  'precision',
  'board',
  'MHz',
  'images/s, estimate',
  `images/s, batch ${SHOWN_BATCH}, estimate`,
  'us an image, estimate',
  'logic %',
  'memory %',
  'DSP %',
  'bound by',
];

function estimateRow(each: FpgaEstimate): string[] {
  const percent = (share: number) => (100 * share).toFixed(0);
  return [
    each.network,
    each.precision,
    each.boardId,
    String(each.clockMHz),
    formatCount(Math.round(each.imagesPerSecond)),
    formatCount(Math.round(batchImagesPerSecond(each, SHOWN_BATCH))),
    formatNumber(each.latencyMs * 1e3),
    percent(each.share.logic),
    percent(each.share.memory),
    percent(each.share.dsp),
    boundText(each),
  ];
}

function boundText({ boundBy, timing }: FpgaEstimate): string {
  switch (boundBy) {
    case 'input':
      return 'the way in for images';
    case 'memory':
      return 'weights from memory';
    case 'layer':
      return timing.slowest;
  }
}

function layerText({ network, precision, boardId, folding, timing, layerAreas }: FpgaEstimate): string {
  const rows = timing.layers.map(({ name, cycles, fillCycles }, i) => {
    const { pe, simd, weights } = folding.layers[i]!;
    const { adderBits, memoryBlocks, dspBlocks } = layerAreas[i]!;
    const blocks = Object.entries(memoryBlocks).map(([kind, count]) => `${formatCount(count)} ${kind}`);
    return [
      name,
      formatCount(pe),
      formatCount(simd),
      formatCount(cycles),
      formatCount(Math.round(fillCycles)),
      formatCount(Math.round(adderBits)),
      blocks.join(', ') || '–',
      weights ?? 'on the chip',
      formatCount(dspBlocks),
    ];
  });
  const heads = [
    'layer',
    'outputs a cycle',
    'inputs a cycle',
    'cycles an image',
    'cycles to fill',
    'adder bits',
    'memory',
    'weights',
    'DSP',
  ];
  return `\n${network} at ${precision} on ${boardId}, estimate:\n${table(heads, rows)}`;
}
