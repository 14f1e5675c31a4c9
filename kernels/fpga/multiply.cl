/*
 * Products with weights of +1 and -1, part of each layer kernel.
 *
 * Activations are unsigned integers of BITS bits. LANE of them make a lane, kept as BITS planes: bit i of plane k
 * is bit k of activation i. A step multiplies PARTS lanes (SIMD = PARTS x LANE activations) with the weights of PE
 * outputs, a bit each:
 *
 *   sum of +-x = 2 * (sum of the x whose weight is +1) - (sum of all x)
 *
 * so that nothing is negated and the second sum is made once for all outputs. With ADDER_TREE the first sum is a
 * tree of adders behind AND gates; without, BITS counts of ones, shifted. Both are the same number; a compiler for
 * chips makes about the same area of them, a processor is far faster at the second.
 *
 * Largest sum: K * (2^BITS - 1); all fits into 32 bits (core/network/quantization.ts).
 */
static uint NAME(picked)(const LANE_TYPE* planes, LANE_TYPE weights) {
  uint sum = 0;
#if defined(ADDER_TREE)
  UNROLL for (int i = 0; i < LANE; i++) {
    uint x = 0;
    UNROLL for (int k = 0; k < BITS; k++) x |= (uint)(planes[k] >> i & 1) << k;
    sum += (weights >> i & 1) ? x : 0;
  }
#else
  UNROLL for (int k = 0; k < BITS; k++) sum += (uint)popcount((LANE_TYPE)(planes[k] & weights)) << k;
#endif
  return sum;
}

/* y = clamp((D * multiplier + addend) >> shift, 0, TOP). Modulo 2^32 as the first layer's addends need it. */
static uchar NAME(requantized)(int d, uint multiplier, uint addend, int shift) {
  const int y = (int)((uint)d * multiplier + addend) >> shift;
  return (uchar)(y < 0 ? 0 : y > TOP ? TOP : y);
}

/* The memories of a layer: a row of weights for each step, rows of scales for each fold. */
#if defined(ON_CHIP)
#define SCALES                                                                                 \
  COPIED(uint, 4, multiplier, givenMultiplier, FOLDS, PE, PE_BANKS)                            \
  COPIED(uint, 4, addend, givenAddend, FOLDS, PE, PE_BANKS)
#define MULTIPLIER(fold, p) multiplier[fold][p]
#define ADDEND(fold, p) addend[fold][p]
#else
#define SCALES
#define MULTIPLIER(fold, p) givenMultiplier[(fold) * PE + (p)]
#define ADDEND(fold, p) givenAddend[(fold) * PE + (p)]
#endif
#if defined(ON_CHIP) && !defined(STREAMED)
#define WEIGHTS COPIED(LANE_TYPE, LANE_BYTES, weights, givenWeights, FOLD_STEPS, PE* PARTS, ROW_BANKS)
#define WEIGHT(row, p, q) weights[row][(p) * PARTS + (q)]
#else
#define WEIGHTS
#define WEIGHT(row, p, q) givenWeights[((row) * PE + (p)) * PARTS + (q)]
#endif
