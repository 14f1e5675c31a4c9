/** From a model to an FPGA image: chooses or takes a folding, generates the kernels, compiles them. */
import { join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { chooseFolding } from '../../core/fpga/chooseFolding';
import { blocksBeyondPart, estimate, type FpgaEstimate } from '../../core/fpga/estimate';
import type { Folding } from '../../core/fpga/folding';
import { foldingSchema } from '../../core/fpga/image';
import type { FpgaBoard } from '../../core/fpga/parts';
import { lower } from '../../core/network/lowering';
import type { Precision } from '../../core/network/precision';
import { calibratedSteps, quantize } from '../../core/network/quantization';
import { generateKernels, SOURCE_FILE } from '../devices/opencl/fpga/source';
import { type BuildResult, buildImage } from '../fpga/buildImage';
import { type BuildTarget, compilerPlan } from '../fpga/compiler';
import { loadModel } from '../models';
import { makeFolders } from '../storage/makeFolders';
import { readBounded } from '../storage/readText';
import { withStorage } from '../storage/storageErrors';
import { releaseLock, takeLock } from './sessionLock';

const MOST_FOLDING_BYTES = 2 ** 20;
const LOCK_FILE = '.build.lock';

export interface FpgaBuildRequest {
  model: string;
  precision: Precision;
  board: FpgaBoard;
  /** The SDK's name of the board. */
  sdkBoard: string;
  target: BuildTarget;
  folder: string;
  /** A JSON file with a folding; the fastest that fits where it is left out. */
  foldingFile?: string | undefined;
  clockMHz?: number | undefined;
  onLine(line: string): void;
  /** Ends the compiler. */
  signal: AbortSignal;
}

export interface FpgaBuild extends BuildResult {
  estimate: FpgaEstimate;
}

/** @throws WorkbenchError as its parts do */
export async function buildFpgaImage(request: FpgaBuildRequest): Promise<FpgaBuild> {
  const { precision, board, sdkBoard, target, folder, clockMHz, onLine, signal } = request;
  const model = await loadModel(request.model);
  const { topology } = model;
  const folding = request.foldingFile
    ? await readFolding(request.foldingFile)
    : chooseFolding({ topology, precision, board });
  const estimated = estimate({ topology, precision, board, folding, ...(clockMHz ? { clockMHz } : {}) });
  if (target === 'board') requirePart(estimated, board);
  const { bits, steps } = calibratedSteps(model.calibration, precision);
  const generated = generateKernels(quantize(lower(model), bits, steps), folding, {
    dialect: board.vendor,
    target: target === 'emulator' ? 'emulator' : 'board',
  });
  const compiler = compilerPlan({
    vendor: board.vendor,
    sdkBoard,
    target,
    source: SOURCE_FILE,
    kernels: generated.kernels,
    clockMHz: clockMHz ?? null,
    plannedClockMHz: board.clockMHz,
  });
  const result = await withBuildLock(folder, () =>
    buildImage({
      folder,
      files: new Map([...generated.files, ['folding.json', `${JSON.stringify(folding, null, 2)}\n`]]),
      compiler,
      plan: {
        source: SOURCE_FILE,
        kernels: generated.kernels,
        network: topology.id,
        networkSha256: generated.networkSha256,
        precision,
        // Weights and scales are handed over at run time.
        scalesSha256: null,
        folding,
        sdkBoard: target === 'emulator' ? null : sdkBoard,
      },
      onLine,
      signal,
    }),
  );
  return { ...result, estimate: estimated };
}

/**
 * Compilers write their own files into the folder too, under names that every build has.
 * @throws WorkbenchError `storage` where another process builds there
 */
async function withBuildLock<T>(folder: string, build: () => Promise<T>): Promise<T> {
  const failed = 'The kernels could not be written';
  await withStorage(failed, folder, () => makeFolders(folder));
  const lock = join(folder, LOCK_FILE);
  await takeLock(lock, undefined, { taken: 'Another build is going on in this folder.', failed });
  try {
    return await build();
  } finally {
    await releaseLock(lock).catch(() => undefined);
  }
}

/**
 * A person may know better than the estimate what fits into a part, but nobody fits more blocks than there are.
 * @throws WorkbenchError `unsupported`
 */
function requirePart({ area }: FpgaEstimate, board: FpgaBoard): void {
  const beyond = blocksBeyondPart(area, board);
  if (beyond.length === 0) return;
  throw new WorkbenchError('unsupported', `The folding does not fit: ${beyond.join(', ')} (an estimate).`, {
    where: board.name,
    remedy: 'Give fewer outputs or inputs a cycle, stream weights, or leave --folding out.',
  });
}

async function readFolding(file: string): Promise<Folding> {
  const text = (await readBounded(file, MOST_FOLDING_BYTES)).toString('utf8');
  try {
    return foldingSchema.parse(JSON.parse(text));
  } catch (thrown) {
    throw new WorkbenchError('usage', `${file} is no folding.`, {
      where: file,
      remedy: 'Take the folding.json that a build without --folding writes as an example.',
      details: String(thrown),
    });
  }
}
