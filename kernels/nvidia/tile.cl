/*
 * The end of a tile: pool, requantize, pack and store. Included once for each layer, before its kernel; NAME adds
 * the layer's name. OUT_CHUNKS = channels / 128; OUT_VECTOR where the next layer reads a vector.
 */
#define BLOCKS (OUT_CHUNKS * 2)
#define TILES_X ((CONVOLVED_WIDTH + 7) / 8)
#define TILES_Y ((CONVOLVED_HEIGHT + 7) / 8)
#define TILE_OUT (8 / POOL)
#if OUT_VECTOR
#define OUT_PLANE_QUADS ((size_t)OUT_QUADS * ROUNDED_IMAGES)
#else
#define OUT_PLANE_QUADS ((size_t)OUT_CHUNKS * OUT_ROWS * OUT_COLUMNS)
#endif

/*
 * 64 outputs of a position, in `staged` [plane][positions][8 bytes], and their sum; `block` counts blocks of 64.
 */
static void NAME(storePosition)(__local const uchar* staged, int positions, int position, int image, int y, int x,
                                int block, __global uchar* out, __global ushort* outSums, int images) {
  const int chunk = block >> 1, second = block & 1;
#if OUT_VECTOR
  const int quad = (chunk * OUT_HEIGHT + y) * OUT_WIDTH + x;
  const size_t place = (size_t)quad * ROUNDED_IMAGES + image, sumPlace = (size_t)image * OUT_QUADS + quad;
#else
  const int row = y + OUT_MARGIN, column = x + OUT_MARGIN;
  const size_t place = image * PLANES * OUT_PLANE_QUADS + ((size_t)chunk * OUT_ROWS + row) * OUT_COLUMNS + column;
  const size_t sumPlace = image * SUMS_OF_MAP(OUT_ROWS, OUT_COLUMNS, OUT_CHUNKS) + (row * OUT_COLUMNS + column) * OUT_CHUNKS + chunk;
#endif
  int sum = 0;
  #pragma unroll
  for (int p = 0; p < PLANES; p++) {
    const uint2 bits = *(__local const uint2*)(staged + (p * positions + position) * 8);
    sum += (int)(popcount(bits.x) + popcount(bits.y)) << p;
    *(__global uint2*)(out + (place + p * OUT_PLANE_QUADS) * QUAD + second * 8) = bits;
  }
  outSums[sumPlace * 2 + second] = (ushort)sum;
}

/* The same for position `position` of a tile after its pool, where the output has it. */
static void NAME(storeOfTile)(__local const uchar* staged, int position, int image, int tileY, int tileX, int block,
                              __global uchar* out, __global ushort* outSums, int images) {
  const int y = tileY * TILE_OUT + position / TILE_OUT, x = tileX * TILE_OUT + position % TILE_OUT;
  if (y < OUT_HEIGHT && x < OUT_WIDTH)
    NAME(storePosition)(staged, TILE_OUT * TILE_OUT, position, image, y, x, block, out, outSums, images);
}

/* A warp's part of a tile, sums[row][column][i] as mma.sync leaves them; scales: [output] (multiplier, addend). */
static void NAME(store)(int sums[2][2][8], int image, int tileY, int tileX, int block, __global const int2* scales,
                        __local uchar* staged, __global uchar* out, __global ushort* outSums, int images) {
  const int g = LANE >> 2, t = LANE & 3;
  int2 scale[8];
  #pragma unroll
  for (int i = 0; i < 8; i++) scale[i] = scales[block * 64 + i * 8 + g];
  syncWarp();
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
      y[i] = clampTop(rescale(sum, scale[i], SHIFT));
    }
    const int position = POOL == 2 ? WARP * 4 + t : (2 * WARP + (k >> 1)) * 8 + 2 * t + (k & 1);
    #pragma unroll
    for (int part = 0; part < HALVES; part++) stagePlanes(staged, TILE_OUT * TILE_OUT, position, g, packPlanes(y, part), part);
  }
  syncWarp();
  const int positions = TILE_OUT * TILE_OUT / 4;
  if (LANE < positions)
    NAME(storeOfTile)(staged, WARP * positions + LANE, image, tileY, tileX, block, out, outSums, images);
}
