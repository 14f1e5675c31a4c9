/** What tells the engines of the integer precisions apart; network.ts puts a whole network together from it. */
import type { Requantization } from '../../../../core/network/quantization';
import type { IntegerLayer } from './layers';

export interface Engine {
  /** In words, for a person and a session: `AMX tiles`. */
  readonly name: string;
  /**
   * Activations lie as [image / rows][height][width][rows][channels], a byte each: `rows` images side by side,
   * channels rounded up to `channelMultiple`, outputs of a layer to `outputMultiple`.
   */
  readonly rows: number;
  readonly channelMultiple: number;
  /** The bytes of one window of the first layer are rounded up to this. */
  readonly windowMultiple: number;
  layer(layer: IntegerLayer, sizes: LayerSizes): LayerProgram;
}

export interface LayerSizes {
  /** Channels of the input and of the output buffer, padding included. */
  channels: number;
  outputs: number;
  top: number;
  /** Groups of `rows` images that one launch takes at most. */
  tiles: number;
}

/**
 * A program whose kernel `layer` takes (in, weights, multiplier, addend, shift, out, inTile, outTile, tiles),
 * where a tile is `rows` images.
 */
export interface LayerProgram {
  source: string;
  options: string;
  weights: Uint8Array;
  /** For the channels of the output buffer, in the order that the kernel reads. */
  requantization: Requantization;
  globalSize(tiles: number): number[];
  /** Null where the driver may choose. */
  localSize: number[] | null;
}

/** `-D` options that every layer kernel takes. */
export function geometry(layer: IntegerLayer, sizes: LayerSizes): Record<string, number> {
  const { input, convolved, output, pool } = layer;
  return {
    HEIGHT: input.height,
    WIDTH: input.width,
    CHANNELS: sizes.channels,
    CONVOLVED_HEIGHT: convolved.height,
    CONVOLVED_WIDTH: convolved.width,
    OUT_HEIGHT: output.height,
    OUT_WIDTH: output.width,
    OUTPUTS: sizes.outputs,
    KERNEL_HEIGHT: layer.kernelHeight,
    KERNEL_WIDTH: layer.kernelWidth,
    STRIDE: layer.stride,
    PADDING: layer.padding,
    POOL_SIZE: pool?.size ?? 1,
    POOL_STRIDE: pool?.stride ?? 1,
    TOP: sizes.top,
  };
}

/** Padded channels get 0 and 0, so they stay 0. */
export function padRequantization(requantization: Requantization, outputs: number): Requantization {
  const pad = (values: Int32Array) => {
    const padded = new Int32Array(outputs);
    padded.set(values);
    return padded;
  };
  return {
    multiplier: pad(requantization.multiplier),
    addend: pad(requantization.addend),
    shift: requantization.shift,
  };
}
