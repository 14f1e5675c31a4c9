/*
 * From the sums of a wgmma product to planes; included once for each layer, after tile.cl. HALVED says that the sums are
 * those of a convolution on bit planes, (D + S) / 2 (layout.cl); else they are D.
 *
 * Each lane has 2 outputs of 16 positions. Row 16 w + 8 h + g of a product is the output whose place in the packed
 * bytes is bit g % 4 + 4 h of byte 2 w + g / 4, so four lanes have a byte among them: each gives the others their
 * positions and keeps every fourth.
 */
#define LANE_POSITIONS (16 / (POOL * POOL))

/* D of a position, whose S is `window`. */
static int NAME(dot)(int sum, int window) {
  return HALVED ? 2 * sum - window : sum;
}

/* Sums of a tile to planes in `staged`; windows: S of each position, where HALVED. */
static void NAME(stage)(int sums[32], __local const int* windows, const int2 scale[2], __local uchar* staged) {
  const int g = LANE >> 2, t = LANE & 3, byte = 2 * WARP + (g >> 2);
  uint words[HALVES][LANE_POSITIONS / 4];
  #pragma unroll
  for (int i = LANE_POSITIONS - 1; i >= 0; i--) {
    int y[2];
    #pragma unroll
    for (int h = 0; h < 2; h++) {
#if POOL == 2
      int2 top = (int2)(0), low = (int2)(0);
      if (HALVED) {
        top = *(__local const int2*)(windows + 2 * i * 8 + 2 * t);
        low = *(__local const int2*)(windows + (2 * i + 1) * 8 + 2 * t);
      }
      const int value =
          max(max(NAME(dot)(sums[8 * i + 2 * h], top.x), NAME(dot)(sums[8 * i + 2 * h + 1], top.y)),
              max(NAME(dot)(sums[8 * i + 4 + 2 * h], low.x), NAME(dot)(sums[8 * i + 4 + 2 * h + 1], low.y)));
#else
      const int window = HALVED ? windows[(i >> 1) * 8 + 2 * t + (i & 1)] : 0;
      const int value = NAME(dot)(sums[4 * (i >> 1) + 2 * h + (i & 1)], window);
#endif
      y[h] = clampTop(rescale(value, scale[h], SHIFT));
    }
    #pragma unroll
    for (int part = 0; part < HALVES; part++)
      words[part][i / 4] = packPair(halfOf(y[0], part), halfOf(y[1], part), i % 4 == 3 ? 0 : words[part][i / 4]);
  }
  #pragma unroll
  for (int part = 0; part < HALVES; part++)
    #pragma unroll
    for (int k = 0; k < LANE_POSITIONS / 4; k++) {
      const int i = 4 * k + (g & 3), position = POOL == 2 ? i * 4 + t : (i >> 1) * 8 + 2 * t + (i & 1);
      stagePlanes(staged, TILE_OUT * TILE_OUT, position, byte, planesOf(transposeBytes(words[part][k], g & 3, 4)), part);
    }
}
