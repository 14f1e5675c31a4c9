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
 * The registers of a kernel's pipeline, some tens of cycles for each kernel, are left out: they depend on the
 * compiler and vanish beside a layer's cycles.
 */
import { type Folding, foldedLayers, type LayerFolding, type LayerGeometry, layerCycles } from './folding';

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
}

export interface PipelineTiming {
  layers: LayerTiming[];
  /** Cycles between two images. */
  interval: number;
  /** Name of the layer that sets it. */
  slowest: string;
  /** Cycles from the first input of an image to its last output, in an empty pipeline. */
  latency: number;
}

/** @throws WorkbenchError `usage` as {@link foldedLayers} */
export function pipelineTiming(geometries: readonly LayerGeometry[], folding: Folding): PipelineTiming {
  const layers: LayerTiming[] = [];
  let before: { pe: number; start: number; end: number } | null = null;
  for (const { layer, folding: entry } of foldedLayers(geometries, folding)) {
    const pixelWords = wordsOfPixel(layer, entry, before?.pe ?? null);
    const computeCycles = layerCycles(layer, entry);
    const inputPixels = layer.inputHeight * layer.inputWidth;
    const inputWords = inputPixels * pixelWords;
    const idlePixels = Math.max(0, inputPixels - layer.pixels);
    const cycles = Math.max(computeCycles, layer.pixels * pixelWords) + idlePixels * pixelWords;
    const first = before ?? { start: 0, end: 0 };
    const arrival = before ? first.end - first.start : cycles;
    const start: number =
      layer.kind === 'linear' ? first.end : first.start + fillShare(layer) * (before ? arrival : inputWords);
    const end = Math.max(start + cycles, first.end + tailCycles(layer, cycles));
    layers.push({ name: layer.name, cycles, computeCycles, inputWords, fillCycles: start - first.start });
    before = { pe: entry.pe, start, end };
  }
  const slowest = layers.reduce((a, b) => (b.cycles > a.cycles ? b : a));
  return { layers, interval: slowest.cycles, slowest: slowest.name, latency: Math.ceil(before?.end ?? 0) };
}

/** The loader gives whole pixels to a convolution, and to a linear layer what it takes in a cycle. */
function wordsOfPixel(layer: LayerGeometry, { simd }: LayerFolding, peBefore: number | null): number {
  const width = peBefore ?? (layer.kind === 'linear' ? simd : layer.channels);
  return Math.ceil(layer.channels / width);
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
