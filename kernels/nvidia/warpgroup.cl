/*
 * A convolution by wgmma, with a 2 x 2 pool behind it where POOL is 2; after patch.cl and tile.cl.
 *
 * The work-group multiplies its 64 outputs by the 64 pixels of the tile, a plane at a time, straight from the patch:
 * eight pixels of a row are one 8 x 16-byte matrix, rows are PATCH_WIDTH quads apart, and the halves of a step as far
 * as their two quads. While a stage is multiplied the activations are summed and the next stage is on its way; two
 * work-groups share a compute unit, so one multiplies while the other writes out.
 *
 * Each lane ends with 2 outputs of 16 pixels. Row 16 w + 8 h + g of a product is the output whose place in the packed
 * bytes is bit g % 4 + 4 h of byte 2 w + g / 4, so four lanes have a byte among them: each gives the others their
 * pixels and keeps every fourth.
 */
#define STAGE_WEIGHTS (STEPS * WORK_ITEMS)
#define LANE_PIXELS (16 / (POOL * POOL))

static int NAME(valueOf)(int sums[PLANES][32], int j, int h, int e, int window) {
  const int i = 4 * j + 2 * h + e;
  int joined = sums[0][i];
  #pragma unroll
  for (int p = 1; p < PLANES; p++) joined += sums[p][i] << p;
  return 2 * joined - window;
}

/* Sums of a tile to [pixel][plane][8 bytes]; windows: S of each pixel. */
static void NAME(stage)(int sums[PLANES][32], __local const int* windows, int block, __global const int2* scales,
                        __local uchar* staged) {
  const int g = LANE >> 2, t = LANE & 3, byte = 2 * WARP + (g >> 2);
  int2 window[8];
  #pragma unroll
  for (int j = 0; j < 8; j++) window[j] = *(__local const int2*)(windows + j * 8 + 2 * t);
  int2 scale[2];
  #pragma unroll
  for (int h = 0; h < 2; h++) scale[h] = scales[block * 64 + 8 * ((g & 3) + 4 * h) + byte];
  uint words[LANE_PIXELS / 4];
  #pragma unroll
  for (int i = LANE_PIXELS - 1; i >= 0; i--) {
    int y[2];
    #pragma unroll
    for (int h = 0; h < 2; h++) {
#if POOL == 2
      const int top = max(NAME(valueOf)(sums, 2 * i, h, 0, window[2 * i].x), NAME(valueOf)(sums, 2 * i, h, 1, window[2 * i].y));
      const int low = max(NAME(valueOf)(sums, 2 * i + 1, h, 0, window[2 * i + 1].x),
                          NAME(valueOf)(sums, 2 * i + 1, h, 1, window[2 * i + 1].y));
      const int value = max(top, low);
#else
      const int value = NAME(valueOf)(sums, i >> 1, h, i & 1, (i & 1) ? window[i >> 1].y : window[i >> 1].x);
#endif
      y[h] = rescale(value, scale[h], SHIFT);
    }
    words[i / 4] = packPair(y[0], y[1], i % 4 == 3 ? 0 : words[i / 4]);
  }
  #pragma unroll
  for (int k = 0; k < LANE_PIXELS / 4; k++) {
    const int i = 4 * k + (g & 3);
    stagePlanes(staged, POOL == 2 ? i * 4 + t : (i >> 1) * 8 + 2 * t + (i & 1), byte, planesOf(transposeBytes(words[k], g & 3, 4)));
  }
}

static void NAME(layer)(__global const uchar* in, __global const uint4* weights, __global const int2* scales,
                        __global uchar* out, int images, __local uchar* local_) {
  const uint base = localAddress(local_);
  __local int* windows = (__local int*)(local_ + WINDOW_SUMS);
  const int tiles = images * IMAGE_TILES;
  int buffer = 0;
  NAME(Tile) tile = NAME(tileOf)(GROUP);
  uint4 a[STEPS];
  if (GROUP < tiles) {
    NAME(startStage)(tile, 0, in, base);
    #pragma unroll
    for (int s = 0; s < STEPS; s++) a[s] = loadConstant(weights + (tile.block * STAGES * STEPS + s) * WORK_ITEMS + ITEM);
  }
  for (int index = GROUP; index < tiles; index += GROUPS) {
    const NAME(Tile) next = NAME(tileOf)(index + GROUPS);
    int sums[PLANES][32];
    #pragma unroll
    for (int p = 0; p < PLANES; p++)
      #pragma unroll
      for (int i = 0; i < 32; i++) sums[p][i] = 0;
    #pragma unroll
    for (int p = 0; p < PLANES; p++) pinSums(sums[p]);

    for (int stage = 0; stage < STAGES; stage++) {
      finishCopies();
      publishCopies();
      barrier(CLK_LOCAL_MEM_FENCE);
      const uint from = base + buffer * STAGE_BYTES;
      openProducts();
      #pragma unroll
      for (int step = 0; step < STEPS; step++) {
        const uint tap = NAME(tapOffset)(2 * step), halves = NAME(tapOffset)(2 * step + 1) - tap;
        const ulong b = matrixDescriptor(from + tap, max(halves, (uint)QUAD), PATCH_WIDTH * QUAD);
        #pragma unroll
        for (int p = 0; p < PLANES; p++) startProduct(a[step], b + p * (PLANE_BYTES / 16), sums[p]);
      }
      closeProducts();
      const uint other = base + (buffer ^ 1) * STAGE_BYTES;
      if (stage + 1 < STAGES) NAME(startStage)(tile, stage + 1, in, other);
      else if (index + GROUPS < tiles) NAME(startStage)(next, 0, in, other);
      NAME(sumPositions)(local_ + buffer * STAGE_BYTES, (__local int*)(local_ + POSITION_SUMS), stage == 0);
      awaitProducts();
      #pragma unroll
      for (int p = 0; p < PLANES; p++) pinSums(sums[p]);
      const int ahead = stage + 1 < STAGES ? tile.block * STAGES + stage + 1 : next.block * STAGES;
      #pragma unroll
      for (int s = 0; s < STEPS; s++) a[s] = loadConstant(weights + ahead * STAGE_WEIGHTS + s * WORK_ITEMS + ITEM);
      buffer ^= 1;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    NAME(sumWindows)((__local const int*)(local_ + POSITION_SUMS), windows);
    barrier(CLK_LOCAL_MEM_FENCE);
    NAME(stage)(sums, windows, tile.block, scales, local_ + STAGED);
    barrier(CLK_LOCAL_MEM_FENCE);
    NAME(copyStaged)(local_ + STAGED, ITEM, TILE_OUT * TILE_OUT * PLANES, WORK_ITEMS, tile.image, tile.y, tile.x,
                     tile.block, out);
    tile = next;
  }
}
