/**
 * What a network would do on an FPGA board, computed and not measured. Every result says that it is an estimate,
 * and none may stand in a ratio with a measured figure.
 */
import { WorkbenchError } from '../errors';
import { activationBits, type Precision } from '../network/precision';
import { elements } from '../network/shapes';
import type { Topology } from '../network/topology';
import { formatCount } from '../report/format';
import { type Area, type InputRange, joiningArea, layerArea, shares, totalArea } from './area';
import { batchCycles, type PipelineTiming, pipelineTiming } from './cycles';
import { type Folding, foldedLayers, type LayerGeometry, layerGeometries } from './folding';
import type { FpgaBoard } from './parts';

export interface FpgaEstimate {
  kind: 'estimate';
  boardId: string;
  /** The topology's id. */
  network: string;
  precision: Precision;
  clockMHz: number;
  folding: Folding;
  timing: PipelineTiming;
  /** Steady stream of images; of batches see {@link batchImagesPerSecond}. */
  imagesPerSecond: number;
  /** What sets the rate: the slowest layer, the board's memory that weights are streamed from, or the way in. */
  boundBy: 'layer' | 'memory' | 'input';
  /** One image through an empty pipeline, from its first input to its last output; no transfer to the board. */
  latencyMs: number;
  /** In the order of the layers. */
  layerAreas: Area[];
  area: Area;
  /** Of the whole part: 0.5 is half of it. */
  share: { logic: number; memory: number; dsp: number };
  /** What is needed beyond the usable share of the part, in words; empty where the design fits. */
  shortOf: string[];
}

export interface EstimateRequest {
  topology: Topology;
  precision: Precision;
  board: FpgaBoard;
  folding: Folding;
  /** The board's own where it is left out. */
  clockMHz?: number;
}

/** Input range of each layer: bytes in, then unsigned activations. */
export function inputRanges(layers: number, bits: number): InputRange[] {
  return Array.from({ length: layers }, (_, i) =>
    i === 0 ? { bits: 8, largest: 128 } : { bits, largest: 2 ** bits - 1 },
  );
}

/**
 * The layers of a network that FPGA kernels are made for.
 * @throws WorkbenchError `unsupported` where a precision is not integer or a hidden layer is not binary
 */
export function fpgaLayers(
  topology: Topology,
  precision: Precision,
): { layers: LayerGeometry[]; bits: number } {
  const bits = activationBits(precision);
  if (bits === null) {
    throw new WorkbenchError('unsupported', `FPGA kernels have no ${precision}`, {
      remedy: 'Use a8, a4, a3 or a2.',
    });
  }
  const layers = layerGeometries(topology);
  const real = layers.slice(0, -1).find(({ binary }) => !binary);
  if (real) {
    throw new WorkbenchError('unsupported', `${real.name} has real weights; FPGA kernels add one-bit ones`, {
      where: topology.id,
      remedy: 'Choose a binarized model.',
    });
  }
  return { layers, bits };
}

/** Of kernels on any board: the tools refuse what is outside. */
export const CLOCKS_MHZ = { least: 10, most: 1000 } as const;

/** @throws WorkbenchError `usage` */
export function requireClock(clockMHz: number): void {
  const { least, most } = CLOCKS_MHZ;
  if (clockMHz >= least && clockMHz <= most) return;
  throw new WorkbenchError('usage', `A clock of ${clockMHz} MHz is none that kernels can have.`, {
    where: '--clock',
    remedy: `Possible are ${least} to ${most} MHz; boards reach 100 to 300.`,
  });
}

/** What to know of a clock that a person asks for; null where it is within the board's plan. */
export function clockRemark(board: FpgaBoard, clockMHz: number | undefined): string | null {
  if (clockMHz === undefined || clockMHz <= board.clockMHz) return null;
  return `${clockMHz} MHz is above the ${board.clockMHz} MHz that ${board.id} is planned at: whether a compiler reaches it depends on the design.`;
}

/** @throws WorkbenchError `unsupported`, `usage` as {@link requireClock}, {@link fpgaLayers} and {@link foldedLayers} */
export function estimate(request: EstimateRequest): FpgaEstimate {
  const { topology, precision, board, folding } = request;
  const clockMHz = request.clockMHz ?? board.clockMHz;
  requireClock(clockMHz);
  const { layers, bits } = fpgaLayers(topology, precision);
  const clockHz = clockMHz * 1e6;
  const timing = pipelineTiming(layers, folding, (board.memoryBytesPerSecond ?? Infinity) / clockHz);
  const ranges = inputRanges(layers.length, bits);
  const layerAreas = foldedLayers(layers, folding).map(({ layer, folding: entry }, i) =>
    layerArea(layer, entry, ranges[i]!, board),
  );
  const area = totalArea([...layerAreas, joiningArea(layers, topology.input.channels, folding, board)]);
  const byLayer = clockHz / timing.interval;
  const byInput =
    board.inputBytesPerSecond === null ? Infinity : board.inputBytesPerSecond / elements(topology.input);
  return {
    kind: 'estimate',
    boardId: board.id,
    network: topology.id,
    precision,
    clockMHz,
    folding,
    timing,
    imagesPerSecond: Math.min(byLayer, byInput),
    boundBy: byInput < byLayer ? 'input' : timing.streamCycles >= timing.interval ? 'memory' : 'layer',
    latencyMs: (timing.latency / clockHz) * 1e3,
    layerAreas,
    area,
    share: shares(area, board),
    shortOf: shortages(area, board),
  };
}

/** Images a second of batches of this size, from the start of the kernels to the last output. */
export function batchImagesPerSecond(
  { timing, clockMHz, imagesPerSecond }: FpgaEstimate,
  batchSize: number,
): number {
  const perBatch = (clockMHz * 1e6) / batchCycles(timing, batchSize);
  return Math.min(imagesPerSecond, batchSize * perBatch);
}

/** What an area needs beyond the usable share of a board. */
export function shortages(area: Area, board: FpgaBoard): string[] {
  return needsOf(area, board)
    .filter(({ needed, planned }) => needed > planned)
    .map(
      ({ what, needed, planned, has }) =>
        `${formatCount(Math.ceil(needed))} ${what} where ${formatCount(Math.floor(planned))} of ${formatCount(has)} can be used`,
    );
}

/** The blocks that an area needs beyond all that the part has. Of logic an estimate does not know so much. */
export function blocksBeyondPart(area: Area, board: FpgaBoard): string[] {
  return needsOf(area, board)
    .filter(({ kind, needed, has }) => kind === 'block' && needed > has)
    .map(
      ({ what, needed, has }) =>
        `${formatCount(Math.ceil(needed))} ${what} where the part has ${formatCount(has)}`,
    );
}

interface Need {
  kind: 'logic' | 'block';
  what: string;
  needed: number;
  /** Of the part, what a design is planned with, and all. */
  planned: number;
  has: number;
}

function needsOf(area: Area, { logic, memories, dspBlocks, usable }: FpgaBoard): Need[] {
  const block = (name: string, needed: number, has: number, share: number): Need => {
    return { kind: 'block', what: `${name} blocks`, needed, planned: has * share, has };
  };
  const units = area.adderBits / logic.adderBitsEach;
  return [
    {
      ...{ kind: 'logic', what: `${logic.unit}s`, needed: units },
      ...{ planned: logic.count * usable.logic, has: logic.count },
    },
    block('DSP', area.dspBlocks, dspBlocks, usable.dsp),
    ...memories.map(({ name, blocks }) => block(name, area.memoryBlocks[name] ?? 0, blocks, usable.memory)),
  ];
}
