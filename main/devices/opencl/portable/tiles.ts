/** Launches of register tiles: linear and convolution. The constants are those of kernels/portable/tile.cl. */
import { unpackBinary } from '../../../../core/network/binaryWeights';
import type { ConvolutionStep, LinearStep } from '../../../../core/network/plan';
import { type Launch, placeConstants } from './launch';
import type { ActivationLayout } from './layout';
import type { Tuning } from './tuning';
import { packBinaryWeights, packRealWeights, weightRuns } from './weights';

export function linearLaunch(
  step: LinearStep,
  output: ActivationLayout,
  batchSize: number,
  tuning: Tuning,
): Launch {
  const columns = Math.min(batchSize, tuning.pixels);
  const allTiles = Math.ceil(batchSize / columns);
  const tiles = tilesOf(allTiles, tuning);
  return {
    ...tileLaunch(step, output, tuning, {
      ROWS: 1,
      COLUMNS: columns,
      ROW_STEP: 0,
      COLUMN_STEP: step.inputs,
      TILES: tiles,
      OUTPUT_IMAGE: output.image,
      OUTPUT_ORIGIN: output.origin,
    }),
    sources: ['tile.cl', 'linear.cl'],
    kernel: 'linear',
    scalars: [batchSize],
    global: [Math.ceil(step.outputs / channelsOf(tuning)), Math.ceil(allTiles / tiles)],
    inputExtent: allTiles * columns * step.inputs,
  };
}

/** @param input with a border as wide as the step's padding */
export function convolutionLaunch(
  step: ConvolutionStep,
  input: ActivationLayout,
  output: ActivationLayout,
  batchSize: number,
  tuning: Tuning,
): Launch {
  const { channels, height, width } = step.output;
  const pool = step.pool ?? { size: 1, stride: 1 };
  const tile = tileWidth(width, pool, tuning.pixels);
  const tilesPerRow = Math.ceil(width / tile);
  const tiles = tilesOf(height * tilesPerRow, tuning);
  const columns = (tile - 1) * pool.stride + pool.size;
  const rowStep = step.stride * input.row;
  const columnStep = step.stride * step.input.channels;
  const lastCorner =
    (batchSize - 1) * input.image +
    (height - 1) * pool.stride * rowStep +
    (tilesPerRow - 1) * tile * pool.stride * columnStep;
  const tileReach =
    (step.kernelHeight - 1) * input.row +
    (pool.size - 1) * rowStep +
    (columns - 1) * columnStep +
    step.kernelWidth * step.input.channels;
  return {
    ...tileLaunch(step, output, tuning, {
      ROWS: pool.size,
      COLUMNS: columns,
      ROW_STEP: rowStep,
      COLUMN_STEP: columnStep,
      INPUT_ROW: input.row,
      INPUT_IMAGE: input.image,
      ...placeConstants('OUTPUT', output),
      OUTPUT_HEIGHT: height,
      OUTPUT_WIDTH: width,
      KERNEL_HEIGHT: step.kernelHeight,
      POOL_SIZE: pool.size,
      POOL_STRIDE: pool.stride,
      TILE: tile,
      TILES: tiles,
    }),
    sources: ['tile.cl', 'convolution.cl'],
    kernel: 'convolution',
    scalars: [],
    global: [Math.ceil(channels / channelsOf(tuning)), Math.ceil((height * tilesPerRow) / tiles), batchSize],
    inputExtent: Math.max(batchSize * input.image, lastCorner + tileReach),
  };
}

/** Outputs of a work-item along a row: as many as `pixels` allows, the row's tiles alike. */
function tileWidth(width: number, pool: { size: number; stride: number }, pixels: number): number {
  const columns = Math.floor(pixels / pool.size);
  const widest = Math.max(1, Math.floor((columns - pool.size) / pool.stride) + 1);
  return Math.ceil(width / Math.ceil(width / widest));
}

/** What linear and convolution have in common. */
function tileLaunch(
  step: LinearStep | ConvolutionStep,
  output: ActivationLayout,
  tuning: Tuning,
  constants: Record<string, number>,
) {
  const { scale, shift } = step;
  const weights = weightsAsUsed(step, constants.TILES!, tuning);
  const runs = weightRuns(step);
  const { vector, vectors, group } = tuning;
  const channels = Math.ceil(runs.outputs / channelsOf(tuning)) * channelsOf(tuning);
  return {
    name: step.name,
    constants: {
      VECTOR: vector,
      VECTORS: vectors,
      GROUP: group,
      BINARY: Number(weights.kind === 'binary'),
      RUN: runs.runLength,
      OUTPUT_CHANNELS: runs.outputs,
      RELU: Number(step.relu),
      ...constants,
    },
    parameters: () => [
      weights.kind === 'binary'
        ? packBinaryWeights(weights, runs, group)
        : packRealWeights(weights, runs, group),
      padded(scale, channels),
      padded(shift, channels),
    ],
    tiled: true,
    output,
  };
}

/** One-bit weights as floats where each is used so often that reading more costs less than making floats of bits. */
function weightsAsUsed({ weights }: LinearStep | ConvolutionStep, tiles: number, { unpackFrom }: Tuning) {
  return weights.kind === 'binary' && tiles >= unpackFrom ? unpackBinary(weights) : weights;
}

/** Tiles of a work-item: as many as it may take, those of all work-items alike. */
function tilesOf(all: number, { tiles }: Tuning): number {
  return Math.ceil(all / Math.ceil(all / tiles));
}

/** Output channels of a work-item. */
function channelsOf({ vector, vectors }: Tuning): number {
  return vector * vectors;
}

function padded(values: Float32Array, length: number): Float32Array {
  const result = new Float32Array(length);
  result.set(values);
  return result;
}
