import { WorkbenchError } from '../../../../core/errors';
import type { Engine } from '../integer/engine';
import type { Candidate } from '../tuner';
import { lookupEngine } from './lookup';
import { multiplyAddEngine } from './multiplyAdd';
import { permuteEngine } from './permute';
import type { Processor } from './processor';
import { tilesEngine } from './tiles';

/** From so many images on, tiles won every trial by far; below, some of their rows stay empty. */
const FULL_TILES = 16;

/**
 * Engines that run on this processor, and which of them are likely to be the fastest: tiles where there are AMX
 * and images to fill them; else look-up in whole registers where there is VBMI; else multiply-add at 8 bits where
 * there is VNNI, and look-up.
 * @throws WorkbenchError `unsupported` on a processor without AVX2
 */
export function candidateEngines(
  processor: Processor,
  { bits, batchSize, computeUnits }: { bits: number; batchSize: number; computeUnits: number },
): Candidate<Engine>[] {
  const { avx2, avx512, avx512Vnni: vnni, avx512Vbmi, amxInt8 } = processor;
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
  // Twice the cores, so that one that is held up does not hold up all.
  const workItems = 2 * computeUnits;
  const fillsTiles = amxInt8 && batchSize >= FULL_TILES;
  const vectors = !fillsTiles && !avx512Vbmi;
  return [
    named(multiplyAddEngine({ vectorBytes, vnni }), '', bits === 8 && vnni && vectors),
    named(lookupEngine({ vectorBytes, vnni, workItems }), '', (bits < 8 || !vnni) && vectors),
    ...(avx512Vbmi ? [named(permuteEngine({ vnni, workItems }), '', !fillsTiles)] : []),
    ...(amxInt8
      ? [
          named(tilesEngine({ outputsOutside: true, units: 8 }), 'outputs outside', batchSize > 1),
          named(tilesEngine({ outputsOutside: false, units: 8 }), 'pixels outside', false),
        ]
      : []),
  ];
}

function named(engine: Engine, detail: string, likely: boolean): Candidate<Engine> {
  return { name: `${engine.name} ${detail}`.trim(), value: engine, likely };
}
