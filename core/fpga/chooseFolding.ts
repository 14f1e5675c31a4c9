/**
 * Spreads a network over a board: the fewest cycles between two images for which the design fits.
 *
 * For a bound on the cycles each layer takes, by itself, the folding that keeps the bound and needs least of the
 * board (the sum of its shares of logic, memory and DSP, logic weighed by LOGIC_WORTH). The bounds are tried from the tightest on, until all
 * layers together fit. So the layers come out balanced: none is much faster than the slowest.
 *
 * Where a part has no room for all weights, those of some layers are streamed from the board's memory: first the
 * layers with the fewest pixels, since all of a layer's weights are read again for each pixel. Of one such layer,
 * two, and so on, the choice with the most images a second is taken.
 */
import { WorkbenchError } from '../errors';
import type { Precision } from '../network/precision';
import type { Topology } from '../network/topology';
import { type Area, joiningArea, LOGIC_WORTH, layerArea, shares, totalArea } from './area';
import { estimate, fpgaLayers, inputRanges, shortages } from './estimate';
import {
  type Folding,
  type LayerFolding,
  type LayerGeometry,
  layerCycles,
  possiblePe,
  possibleSimd,
  windowSize,
} from './folding';
import type { FpgaBoard } from './parts';

/** Words between two kernels, so that a hiccup of one does not stop the other. */
const CHANNEL_DEPTH = 64;

interface Choice {
  folding: LayerFolding;
  cycles: number;
  area: Area;
  /** Weighed sum of the shares of the board; what is compared. */
  cost: number;
}

export interface FoldingRequest {
  topology: Topology;
  precision: Precision;
  board: FpgaBoard;
  /** Cycles between two images that are fast enough; the fewest that fit where it is left out. */
  cycles?: number;
}

/**
 * @throws WorkbenchError `unsupported` where even the smallest design does not fit, with what is missing, or as
 *   {@link fpgaLayers}
 */
export function chooseFolding(request: FoldingRequest): Folding {
  const { topology, precision, board } = request;
  const { layers, bits } = fpgaLayers(topology, precision);
  const onChip = tightest(request, layers, bits, new Set());
  if ('layers' in onChip) return onChip;
  const streamed = board.memoryBytesPerSecond === null ? null : fastestStreamed(request, layers, bits);
  if (streamed) return streamed;
  throw new WorkbenchError(
    'unsupported',
    `${topology.id} at ${precision} does not fit: ${onChip.missing.join(', ')}`,
    {
      where: board.name,
      remedy: 'Choose a larger board, fewer bits, or a smaller network.',
    },
  );
}

/** Null where even streamed weights do not make it fit. */
function fastestStreamed(
  request: FoldingRequest,
  layers: readonly LayerGeometry[],
  bits: number,
): Folding | null {
  const order = [...layers].sort(
    (a, b) => a.pixels - b.pixels || windowSize(b) * b.outputs - windowSize(a) * a.outputs,
  );
  const names = new Set<string>();
  let best: { folding: Folding; imagesPerSecond: number } | null = null;
  for (const { name } of order) {
    names.add(name);
    const folding = tightest(request, layers, bits, names);
    if (!('layers' in folding)) continue;
    const { imagesPerSecond } = estimate({ ...request, folding });
    if (best === null || imagesPerSecond > best.imagesPerSecond) best = { folding, imagesPerSecond };
  }
  return best?.folding ?? null;
}

/** The folding with the fewest cycles that fits, or what is missing. @param streamed names of layers */
function tightest(
  { topology, board, cycles }: FoldingRequest,
  layers: readonly LayerGeometry[],
  bits: number,
  streamed: ReadonlySet<string>,
): Folding | { missing: string[] } {
  const ranges = inputRanges(layers.length, bits);
  const choices = layers.map((layer, i) => {
    const foldings = allFoldings(layer).map((folding): LayerFolding => {
      return streamed.has(layer.name) ? { ...folding, weights: 'streamed' } : folding;
    });
    return paretoChoices(foldings.map((folding) => choice(layer, folding, ranges[i]!, board)));
  });
  const bounds = [...new Set(choices.flat().map((each) => each.cycles))].sort((a, b) => a - b);
  const slowest = Math.max(...choices.map((each) => each.at(-1)!.cycles));
  const reachable = bounds.filter(
    (bound) =>
      bound <= slowest && bound >= (cycles ?? 0) && choices.every((each) => each[0]!.cycles <= bound),
  );
  if (reachable.length === 0) reachable.push(slowest);
  let missing: string[] = [];
  for (const bound of reachable) {
    const chosen = choices.map((each) => cheapest(each, bound));
    const folding = { layers: chosen.map((each) => each.folding) };
    const areas = chosen.map(({ area }) => area);
    missing = shortages(
      totalArea([...areas, joiningArea(layers, topology.input.channels, folding, board)]),
      board,
    );
    if (missing.length === 0) return folding;
  }
  return { missing };
}

function allFoldings(layer: LayerGeometry): LayerFolding[] {
  return possiblePe(layer).flatMap((pe) =>
    possibleSimd(layer).map((simd) => ({ name: layer.name, pe, simd, channelDepth: CHANNEL_DEPTH })),
  );
}

function choice(
  layer: LayerGeometry,
  folding: LayerFolding,
  range: Parameters<typeof layerArea>[2],
  board: FpgaBoard,
): Choice {
  const area = layerArea(layer, folding, range, board);
  const share = shares(area, board);
  return {
    folding,
    cycles: layerCycles(layer, folding),
    area,
    cost: LOGIC_WORTH * share.logic + share.memory + share.dsp,
  };
}

/** Fastest first; each cheaper than all faster ones. */
function paretoChoices(all: Choice[]): Choice[] {
  const sorted = all.sort((a, b) => b.cycles - a.cycles || b.cost - a.cost);
  const kept: Choice[] = [];
  for (const each of sorted) {
    while (kept.length > 0 && kept.at(-1)!.cost >= each.cost) kept.pop();
    kept.push(each);
  }
  return kept.reverse();
}

/** The cheapest choice within a bound: the slowest of the pareto list that keeps it. */
function cheapest(choices: readonly Choice[], bound: number): Choice {
  return choices.filter(({ cycles }) => cycles <= bound).at(-1) ?? choices[0]!;
}
