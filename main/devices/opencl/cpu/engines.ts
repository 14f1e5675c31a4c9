import { WorkbenchError } from '../../../../core/errors';
import type { Engine } from '../integer/engine';
import type { Candidate } from '../tuner';
import { lookupEngine } from './lookup';
import { multiplyAddEngine } from './multiplyAdd';
import type { Processor } from './processor';
import { tilesEngine } from './tiles';

/** From so many images on, tiles won every trial by far; below, some of their rows stay empty. */
const FULL_TILES = 16;

/**
 * Engines that run on this processor, and which of them are likely to be the fastest: tiles where there are AMX
 * and images to fill them, multiply-add at 8 bits, look-up below.
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
  // Twice the cores, so that one that is held up does not hold up all.
  const lookup = lookupEngine({ vectorBytes, vnni: avx512Vnni, workItems: 2 * computeUnits });
  const multiplyAdd = multiplyAddEngine({ vectorBytes, vnni: avx512Vnni });
  const fillsTiles = amxInt8 && batchSize >= FULL_TILES;
  const vectors = [
    named(multiplyAdd, '', bits === 8 && !fillsTiles),
    named(lookup, '', bits < 8 && !fillsTiles),
  ];
  if (!amxInt8) return vectors;
  return [
    ...vectors,
    named(tilesEngine({ outputsOutside: true, units: 8 }), 'outputs outside', batchSize > 1),
    named(tilesEngine({ outputsOutside: false, units: 8 }), 'pixels outside', false),
  ];
}

function named(engine: Engine, detail: string, likely: boolean): Candidate<Engine> {
  return { name: `${engine.name} ${detail}`.trim(), value: engine, likely };
}
