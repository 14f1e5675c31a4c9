/*
 * The last layer, in fixed point: logits[image][class] = scale * sum + bias[class], where sum is one of integers
 * of 24 bits times activations, exact in 64 bits. FOLDS x CHUNKS cycles an image, arranged as in dense.cl.
 *
 *   weights  [FOLDS][CHUNKS][PE][SIMD]   real weights / scale, rounded
 *   IN       words of SIMD activations, CHUNKS an image
 */
SINGLE KERNEL_NAME(int images, float scale, __global const int* restrict givenWeights,
                    __global const float* restrict bias, __global float* restrict logits STREAM_IN(IN_WORD, IN)) {
  OPEN(IN)
#if defined(ON_CHIP) && !defined(STREAMED)
  COPIED(int, 4, weights, givenWeights, FOLD_STEPS, PE* SIMD, ROW_BANKS)
#define WEIGHT(row, p, s) weights[row][(p) * SIMD + (s)]
#else
#define WEIGHT(row, p, s) givenWeights[((row) * PE + (p)) * SIMD + (s)]
#endif
  MEMORY(uchar, 1, inputs, 2 * CHUNKS, SIMD, INPUT_BANKS)
  long sums[PE] REGISTERS;
  int round = 0, fold = 0, chunk = 0;
  PIPELINE
#if CHUNKS >= SHORTEST_WAY
  NO_DEPENDENCE(inputs, CHUNKS)
#endif
  for (long i = CHUNKS + (long)images * FOLD_STEPS; i > 0; i--) {
    if (fold == 0 && round < images) {
      IN_WORD word;
      READ(word, IN);
      UNROLL for (int s = 0; s < SIMD; s++) inputs[(round & 1) * CHUNKS + chunk][s] = word.v[s];
    }
    if (round > 0) {
      UNROLL for (int p = 0; p < PE; p++) {
        long sum = chunk == 0 ? 0 : sums[p];
        UNROLL for (int s = 0; s < SIMD; s++)
          sum += WEIGHT(fold * CHUNKS + chunk, p, s) * (long)inputs[((round & 1) ^ 1) * CHUNKS + chunk][s];
        sums[p] = sum;
      }
      if (chunk == CHUNKS - 1) {
        UNROLL for (int p = 0; p < PE; p++)
          logits[(round - 1) * OUTPUTS + fold * PE + p] = scale * (float)sums[p] + bias[fold * PE + p];
      }
    }
    if (++chunk == CHUNKS) {
      chunk = 0;
      if (round == 0 || ++fold == FOLDS) {
        fold = 0;
        round++;
      }
    }
  }
}
