/*
 * A linear layer: FOLDS x CHUNKS cycles an image, PE outputs times SIMD inputs each (multiply.cl).
 *
 *   weights     [FOLDS][CHUNKS][PE][PARTS] lanes: bit i of lane (f, c, p, q) belongs to output f * PE + p and
 *               input c * SIMD + q * LANE + i; one row of PE * PARTS lanes is read a cycle
 *   multiplier, addend   [OUTPUTS]
 *   IN          words of SIMD activations, CHUNKS an image
 *   OUT         words of PE activations, FOLDS an image
 *
 * The inputs lie in memory on the chip, twice: while an image is computed from one half, the next one arrives in
 * the other. One loop, one step a cycle: step (round, fold, chunk) reads a word in the first fold of its round
 * and multiplies a chunk of the round before.
 */
SINGLE KERNEL_NAME(int images, int shift, __global const LANE_TYPE* restrict givenWeights,
                    __global const uint* restrict givenMultiplier,
                    __global const uint* restrict givenAddend TAP_PARAMETER STREAM_IN(IN_WORD, IN)
                        STREAM_OUT(OUT_WORD, OUT)) {
  OPEN(IN) OPEN(OUT) OPEN_TAP
  WEIGHTS
  SCALES
  MEMORY(LANE_TYPE, LANE_BYTES, inputs, 2 * CHUNKS, PARTS* BITS, INPUT_BANKS)
  uint sums[PE] REGISTERS;
  uint whole = 0;
  int round = 0, fold = 0, chunk = 0;
  PIPELINE
#if CHUNKS >= SHORTEST_WAY
  NO_DEPENDENCE(inputs, CHUNKS)
#endif
  for (long i = CHUNKS + (long)images * FOLD_STEPS; i > 0; i--) {
    if (fold == 0 && round < images) {
      IN_WORD word;
      READ(word, IN);
      UNROLL for (int q = 0; q < PARTS; q++) UNROLL for (int k = 0; k < BITS; k++) {
        LANE_TYPE plane = 0;
        UNROLL for (int s = 0; s < LANE; s++)
          plane |= (LANE_TYPE)(word.v[q * LANE + s] >> k & 1) << s;
        inputs[(round & 1) * CHUNKS + chunk][q * BITS + k] = plane;
      }
    }
    if (round > 0) {
      UNROLL for (int p = 0; p < PE; p++) sums[p] = chunk == 0 ? 0 : sums[p];
      whole = chunk == 0 ? 0 : whole;
      UNROLL for (int q = 0; q < PARTS; q++) {
        LANE_TYPE x[BITS] REGISTERS;
        UNROLL for (int k = 0; k < BITS; k++) x[k] = inputs[((round & 1) ^ 1) * CHUNKS + chunk][q * BITS + k];
        whole += NAME(picked)(x, ALL_ONES);
        UNROLL for (int p = 0; p < PE; p++)
          sums[p] += NAME(picked)(x, WEIGHT(fold * CHUNKS + chunk, p, q));
      }
      if (chunk == CHUNKS - 1) {
        OUT_WORD word;
        UNROLL for (int p = 0; p < PE; p++)
          word.v[p] =
              NAME(requantized)((int)(2 * sums[p] - whole), MULTIPLIER(fold, p), ADDEND(fold, p), shift);
        TAP(word, PE);
        WRITE(OUT, word);
      }
    }
    if (++chunk == CHUNKS) {
      chunk = 0;
      /* Round 0 has nothing to compute: it ends when the first image is there. */
      if (round == 0 || ++fold == FOLDS) {
        fold = 0;
        round++;
      }
    }
  }
}
