/*
 * The end of a tile: pool, requantize, pack and store. Included once for each layer, before its kernel; NAME adds
 * the layer's name. OUT_CHUNKS = OUTPUTS / 128.
 */
#define OUT_PIXEL (OUT_CHUNKS * PLANES * QUAD)
#define TILES_X ((CONVOLVED_WIDTH + 7) / 8)
#define TILES_Y ((CONVOLVED_HEIGHT + 7) / 8)
#define TILE_OUT (8 / POOL)

/* Pieces first, first + step, … of the tile, [pixel][plane][8 bytes], to its 64 outputs; `block` counts groups of 64. */
static void NAME(copyStaged)(__local const uchar* staged, int first, int end, int step, int image, int tileY, int tileX,
                             int block, __global uchar* out) {
  for (int piece = first; piece < end; piece += step) {
    const int pixel = piece / PLANES, plane = piece % PLANES;
    const int y = tileY * TILE_OUT + pixel / TILE_OUT, x = tileX * TILE_OUT + pixel % TILE_OUT;
    if (y < OUT_HEIGHT && x < OUT_WIDTH) {
      const size_t place = (((size_t)image * OUT_HEIGHT + y) * OUT_WIDTH + x) * OUT_PIXEL;
      __global uchar* to = out + place + ((block >> 1) * PLANES + plane) * QUAD + (block & 1) * 8;
      *(__global uint2*)to = *(__local const uint2*)(staged + piece * 8);
    }
  }
}

/* A warp's part of a tile, sums[row][column][i]; scales: [output] (multiplier, addend). */
static void NAME(store)(int sums[2][2][8], int image, int tileY, int tileX, int block, __global const int2* scales,
                        __local uchar* staged, __global uchar* out) {
  const int g = LANE >> 2, t = LANE & 3;
  int2 scale[8];
  #pragma unroll
  for (int i = 0; i < 8; i++) scale[i] = scales[block * 64 + i * 8 + g];
  uint bytes[4 / (POOL * POOL)];
  #pragma unroll
  for (int k = 0; k < 4 / (POOL * POOL); k++) {
    int y[8];
    #pragma unroll
    for (int i = 0; i < 8; i++) {
#if POOL == 2
      const int sum = max(max(sums[0][0][i], sums[0][1][i]), max(sums[1][0][i], sums[1][1][i]));
#else
      const int sum = sums[k >> 1][k & 1][i];
#endif
      y[i] = rescale(sum, scale[i], SHIFT);
    }
    bytes[k] = packPlanes(y);
  }
  syncWarp();
#if POOL == 2
  stagePlanes(staged, WARP * 4 + t, g, bytes[0]);
#else
  #pragma unroll
  for (int k = 0; k < 4; k++) stagePlanes(staged, (2 * WARP + (k >> 1)) * 8 + 2 * t + (k & 1), g, bytes[k]);
#endif
  syncWarp();
  const int pieces = TILE_OUT * TILE_OUT / 4 * PLANES;
  NAME(copyStaged)(staged, WARP * pieces + LANE, (WARP + 1) * pieces, 32, image, tileY, tileX, block, out);
}
