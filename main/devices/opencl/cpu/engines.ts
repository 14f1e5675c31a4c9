import { WorkbenchError } from '../../../../core/errors';
import type { Engine } from '../integer/engine';
import type { Candidate } from '../tuner';
import { lookupEngine } from './lookup';
import { multiplyAddEngine } from './multiplyAdd';
import type { Processor } from './processor';
import { tilesEngine } from './tiles';

/** From so many images on, rows of tiles that stay empty cost less than anything else takes. */
const FULL_TILES = 16;

/**
 * Engines that may be the fastest on this processor.
 * @throws WorkbenchError `unsupported` on a processor without AVX2
 */
export function candidateEngines(
  processor: Processor,
  { bits, batchSize, computeUnits }: { bits: number; batchSize: number; computeUnits: number },
): Candidate<Engine>[] {
  const { avx2, avx512, avx512Vnni, amxInt8 } = processor;
  if (!avx2) {
    throw new WorkbenchError(
      'unsupported',
      'The integer kernels for x86 need AVX2, which this processor lacks',
      {
        remedy: 'Use fp32',
      },
    );
  }
  const vectorBytes = avx512 ? 64 : 32;
  const tiles = [
    named(tilesEngine({ outputsOutside: true, units: 8 }), 'outputs outside'),
    named(tilesEngine({ outputsOutside: false, units: 8 }), 'pixels outside'),
  ];
  if (amxInt8 && batchSize >= FULL_TILES) return tiles;
  // Twice the cores, so that one that is held up does not hold up all.
  const lookup = named(lookupEngine({ vectorBytes, vnni: avx512Vnni, workItems: 2 * computeUnits }), '');
  const multiplyAdd = named(multiplyAddEngine({ vectorBytes, vnni: avx512Vnni }), '');
  const candidates = bits === 8 ? [multiplyAdd, lookup] : [lookup];
  return amxInt8 && batchSize > 1 ? [...candidates, ...tiles] : candidates;
}

function named(engine: Engine, detail: string): Candidate<Engine> {
  return { name: `${engine.name} ${detail}`.trim(), value: engine };
}
