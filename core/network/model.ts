import type { Mode, Topology } from './topology';

/** Real numbers, row-major. */
export interface RealTensor {
  kind: 'real';
  shape: number[];
  data: Float32Array;
}

/**
 * +1 and -1 only, one bit each: a set bit is +1. Row-major over `shape`; each row (the first dimension)
 * starts on a byte; element k of a row is bit k % 8 of byte floor(k / 8); unused bits are 0.
 * A tensor that holds a 0 cannot be stored this way (sign(0) = 0) and stays real.
 */
export interface BinaryTensor {
  kind: 'binary';
  shape: number[];
  /** shape[0] x ceil(product of the other dimensions / 8) bytes. */
  bits: Uint8Array;
}

export type Tensor = RealTensor | BinaryTensor;

/** Where a model came from, kept with it through import. */
export interface ModelOrigin {
  /** One sentence for the card. */
  description: string;
  /** File name that was imported, without its folder. */
  sourceFile: string;
  /** SHA-256 of that file, hexadecimal. */
  sourceSha256: string;
}

/** Scales of the integer precisions, from training images; see {@link ../network/quantization}. */
export interface Calibration {
  dataset: string;
  images: number;
  seed: number;
  /** For each precision name, the step of each activation tensor in plan order: real value = step x integer. */
  steps: Record<string, number[]>;
  /**
   * For each activation tensor its channels in an order in which those that are zero together stand together, see
   * {@link ./channelOrder}. It changes speed alone. Left out by older versions.
   */
  order?: number[][] | undefined;
}

/** The real weights of which a stochastically binarized model stores the signs. */
export interface LatentWeights {
  /** By the name of the binarized tensor, in its shape; within [-1, 1]. */
  tensors: ReadonlyMap<string, RealTensor>;
  file: string;
  /** SHA-256 of the file that was read, hexadecimal. */
  sha256: string;
}

export interface Model {
  id: string;
  mode: Mode;
  /** Data set id that the model was trained on, if known. */
  dataset: string | null;
  topology: Topology;
  tensors: ReadonlyMap<string, Tensor>;
  origin: ModelOrigin;
  calibration: Calibration | null;
  /** SHA-256 of the model file that was read, hexadecimal. */
  sha256: string;
}
