/**
 * How long a chain of folded layers works on an image.
 *
 * Every layer is busy for its own cycles an image; in a steady stream of images the slowest one sets the rate. A
 * layer reads while it computes, one word of the layer before (its `pe` outputs) a cycle at most. So a linear layer
 * takes the longer of both; a convolution takes it for each pixel with an output, and for all other pixels of its
 * input (at edges without padding, between strides) the cycles of reading them.
 *
 * The first image also waits for its way through. With f the share of its input that a layer needs before its
 * first output, start and end of each layer are
 *
 *   linear:       start = end of the layer before             (the whole vector is needed)
 *   convolution:  start = start before + f * (end before - start before)
 *                 end   = the later of start + cycles and end before + the outputs that need the last input pixel
 *
 * A batch starts the kernels anew: each first copies its weights and scales into memory on the chip, a lane (at most
 * 64 one-bit weights) or a number a cycle, all kernels at the same time. So n images take
 *
 *   copy of the largest layer + latency + (n - 1) * interval
 *
 * cycles, and small batches of a fast network are mostly copying.
 *
 * A layer whose weights are streamed reads all of them from the board's memory for each pixel. Alone it takes their
 * bytes by the bytes that the memory gives a cycle, and all such layers of a network share the one memory: an image
 * takes the sum of those at least.
 *
 * The registers of a kernel's pipeline, some tens of cycles for each kernel, are left out: they depend on the
 * compiler and vanish beside a layer's cycles.
 */
import {
  type Folding,
  foldedLayers,
  type LayerFolding,
  type LayerGeometry,
  laneOfLayer,
  layerCycles,
  loaderWidth,
  streamedBytes,
  windowSize,
} from './folding';

export interface LayerTiming {
  name: string;
  /** For an image in a steady stream, with what reading adds. */
  cycles: number;
  /** Of those, cycles that the multiplications need. */
  computeCycles: number;
  /** Words of the layer before that an image brings. */
  inputWords: number;
  /** Cycles between the first input and the first output of an image. */
  fillCycles: number;
  /** Cycles that the board's memory takes to give an image's weights; 0 where they lie on the chip. */
  streamCycles: number;
  /** Cycles that copying weights and scales takes at the start of a batch. */
  copyCycles: number;
}

export interface PipelineTiming {
  layers: LayerTiming[];
  /** Cycles between two images. */
  interval: number;
  /** Name of the layer that sets it, or would without the others' streams. */
  slowest: string;
  /** Cycles that the board's memory takes for an image's weights, all layers together. */
  streamCycles: number;
  /** Cycles from the first input of an image to its last output, in an empty pipeline. */
  latency: number;
  /** Cycles before the first image of a batch. */
  copy: number;
}

/** Cycles from the start of the kernels to the last output of a batch. */
export function batchCycles({ copy, latency, interval }: PipelineTiming, images: number): number {
  return copy + latency + (images - 1) * interval;
}

/**
 * @param memoryBytesPerCycle what the board's memory gives of streamed weights
 * @throws WorkbenchError `usage` as {@link foldedLayers}
 */
export function pipelineTiming(
  geometries: readonly LayerGeometry[],
  folding: Folding,
  memoryBytesPerCycle = Number.POSITIVE_INFINITY,
): PipelineTiming {
  const layers: LayerTiming[] = [];
  let before: { pe: number; start: number; end: number } | null = null;
  for (const { layer, folding: entry } of foldedLayers(geometries, folding)) {
    const pixelWords = wordsOfPixel(layer, entry, before?.pe ?? null);
    const computeCycles = layerCycles(layer, entry);
    const inputPixels = layer.inputHeight * layer.inputWidth;
    const inputWords = inputPixels * pixelWords;
    const idlePixels = Math.max(0, inputPixels - layer.pixels);
    const streamCycles = Math.ceil(streamedBytes(layer, entry) / memoryBytesPerCycle);
    const busy = Math.max(computeCycles, streamCycles, layer.pixels * pixelWords);
    const cycles = busy + idlePixels * pixelWords;
    const first = before ?? { start: 0, end: 0 };
    const arrival = before ? first.end - first.start : cycles;
    const start: number =
      layer.kind === 'linear' ? first.end : first.start + fillShare(layer) * (before ? arrival : inputWords);
    const end = Math.max(start + cycles, first.end + tailCycles(layer, cycles));
    layers.push({
      name: layer.name,
      cycles,
      computeCycles,
      inputWords,
      fillCycles: start - first.start,
      streamCycles,
      copyCycles: copyCycles(layer, entry),
    });
    before = { pe: entry.pe, start, end };
  }
  const slowest = layers.reduce((a, b) => (b.cycles > a.cycles ? b : a));
  const streamCycles = layers.reduce((sum, each) => sum + each.streamCycles, 0);
  return {
    layers,
    interval: Math.max(slowest.cycles, streamCycles),
    slowest: slowest.name,
    streamCycles,
    latency: Math.ceil(before?.end ?? 0),
    copy: Math.max(...layers.map((each) => each.copyCycles)),
  };
}

function wordsOfPixel(layer: LayerGeometry, folding: LayerFolding, peBefore: number | null): number {
  return Math.ceil(layer.channels / (peBefore ?? loaderWidth(layer, folding)));
}

/** Share of the input that a convolution's first window needs: full rows, and the pixels of the last one. */
function fillShare(layer: LayerGeometry): number {
  const rows = layer.kernelHeight - layer.padding - 1;
  const pixels = rows * layer.inputWidth + (layer.kernelWidth - layer.padding);
  return Math.min(1, Math.max(0, pixels / (layer.inputHeight * layer.inputWidth)));
}

/** Outputs that are still to come when the last pixel has arrived: its own, and those over the padding below. */
function tailCycles(layer: LayerGeometry, cycles: number): number {
  if (layer.kind === 'linear') return 0;
  const rows = Math.floor(layer.padding / layer.stride);
  const pixels = Math.min(layer.pixels, rows * layer.outputWidth + 1);
  return (cycles * pixels) / layer.pixels;
}

function copyCycles(layer: LayerGeometry, folding: LayerFolding): number {
  const weights = folding.weights === 'streamed' ? 0 : layer.outputs * windowSize(layer);
  return layer.binary ? weights / laneOfLayer(layer, folding) + 2 * layer.outputs : weights;
}
