/** One launch of a portable kernel, described without a device: which kernel, which constants, which size. */
import type { ActivationLayout } from './layout';

export interface Launch {
  /** The layer that it runs. */
  name: string;
  /** Files in kernels/portable, joined in this order. */
  sources: string[];
  kernel: string;
  /** `-D NAME=value` for the compiler. */
  constants: Record<string, number>;
  /** What lies in buffers between input and output among the arguments; made when asked for. */
  parameters: () => (Float32Array | Uint32Array)[];
  /** Unsigned arguments behind the output. */
  scalars: number[];
  global: number[];
  /** Work-items are register tiles, whose work-groups the tuning gives; else the driver chooses. */
  tiled: boolean;
  output: ActivationLayout;
  /**
   * How far the kernel reads into its input: bytes for the first launch, else floats. A tile may read behind
   * the last image; what comes of it is not stored.
   */
  inputExtent: number;
}

/** Where a kernel finds or puts its activations: ROW, IMAGE and ORIGIN of `side`. */
export function placeConstants(side: 'INPUT' | 'OUTPUT', layout: ActivationLayout): Record<string, number> {
  return {
    [`${side}_ROW`]: layout.row,
    [`${side}_IMAGE`]: layout.image,
    [`${side}_ORIGIN`]: layout.origin,
  };
}
