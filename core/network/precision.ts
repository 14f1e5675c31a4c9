/** Activation precisions, the dial of docs/architecture.md. Weights are one bit in binarized models. */
export const PRECISIONS = ['fp32', 'fp16', 'a8', 'a4', 'a3', 'a2'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Bits of an unsigned integer activation, or null where activations are floating point. */
export function activationBits(precision: Precision): number | null {
  switch (precision) {
    case 'fp32':
    case 'fp16':
      return null;
    case 'a8':
      return 8;
    case 'a4':
      return 4;
    case 'a3':
      return 3;
    case 'a2':
      return 2;
  }
}
