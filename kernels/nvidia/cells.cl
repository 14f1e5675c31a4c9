/*
 * The first layer by wgmma, where it is a convolution with windows of at most 4 pixels of at most 4 channels in a row:
 * raw bytes to signed integers by a table for each channel, and 8-bit products; after tile.cl and lanes.cl.
 *
 * A pixel is a cell of 4 bytes, a channel each, zeros behind them. A quad, 16 bytes, is four cells from the first of a
 * window's row on: what a window reads of row r for column x of a tile of 8 x 8 positions. In local memory lie
 *
 *   cells   [patch row][patch column] 4 bytes
 *   quads   [patch row][8 columns] 16 bytes: eight columns are one matrix of 8 x 16 bytes of wgmma
 *
 * and a step multiplies two rows of the window, quads r and r + 1. Weights meet zeros where a quad goes past a window,
 * and where the second row of the last step is none: [OUTPUTS / 64][step][128 work-items] 16 bytes, held in registers
 * for all outputs. A tile is multiplied by 128 outputs at a time, while it packs the first 64 those of the second run.
 */
#define PATCH_HEIGHT (7 * STRIDE + KERNEL_HEIGHT)
#define PATCH_WIDTH (7 * STRIDE + 4)
#define PIXELS (PATCH_HEIGHT * PATCH_WIDTH)
#define STEPS ((KERNEL_HEIGHT + 1) / 2)
/* The last step may read a row past the patch. */
#define QUAD_ROWS (7 * STRIDE + 2 * STEPS)
#define STAGED_BYTES (TILE_OUT * TILE_OUT * PLANES * 8)
#define PIXEL_LOADS ((PIXELS + WORK_ITEMS - 1) / WORK_ITEMS)
/* Local memory: the quads, the cells, the table, packed tiles of 128 outputs. */
#define CELLS (QUAD_ROWS * 8 * QUAD)
#define TABLE (CELLS + PIXELS * 4)
#define STAGED ((TABLE + CHANNELS * 256 + 15) / 16 * 16)

enum { NAME(localBytes) = STAGED + 2 * STAGED_BYTES };

/* This work-item's pixels of a patch, a byte for each channel; and whether they are inside of the image. */
static void NAME(loadPixels)(int index, __global const uchar* in, uint pixels[PIXEL_LOADS], bool inside[PIXEL_LOADS]) {
  const int tileX = index % TILES_X, tileY = index / TILES_X % TILES_Y, image = index / (TILES_X * TILES_Y);
  #pragma unroll
  for (int i = 0; i < PIXEL_LOADS; i++) {
    const int pixel = i * WORK_ITEMS + ITEM;
    const int y = tileY * 8 * STRIDE - PADDING + pixel / PATCH_WIDTH;
    const int x = tileX * 8 * STRIDE - PADDING + pixel % PATCH_WIDTH;
    inside[i] = pixel < PIXELS && y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH;
    pixels[i] = 0;
    if (inside[i]) {
      __global const uchar* from = in + (((size_t)image * HEIGHT + y) * WIDTH + x) * CHANNELS;
      #pragma unroll
      for (int c = 0; c < CHANNELS; c++) pixels[i] |= (uint)from[c] << (8 * c);
    }
  }
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const char* table,
                                      __global const uint4* weights, __global const int2* scales, __global uchar* out,
                                      __global ushort* outSums, int images, __local uchar* local_) {
  const int tiles = images * TILES_Y * TILES_X;
  const uint columns = MATRIX_COLUMNS(STRIDE * 8 * QUAD), quadsAt = uniform(MATRIX_AT(localAddress(local_)));
  __local uint* cells = (__local uint*)(local_ + CELLS);
  __local uchar* values = local_ + TABLE;
  for (int i = ITEM; i < CHANNELS * 256; i += WORK_ITEMS) values[i] = (uchar)table[i];
  for (int i = ITEM; i < QUAD_ROWS * 8 * QUAD / 4; i += WORK_ITEMS) ((__local uint*)local_)[i] = 0;
  uint4 a[BLOCKS][STEPS];
  #pragma unroll
  for (int block = 0; block < BLOCKS; block++)
    #pragma unroll
    for (int step = 0; step < STEPS; step++)
      a[block][step] = loadConstant(weights + (block * STEPS + step) * WORK_ITEMS + ITEM);
  uint pixels[PIXEL_LOADS];
  bool inside[PIXEL_LOADS];
  if (GROUP < tiles) NAME(loadPixels)(GROUP, in, pixels, inside);
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int index = GROUP; index < tiles; index += GROUPS) {
    #pragma unroll
    for (int i = 0; i < PIXEL_LOADS; i++) {
      uint cell = 0;
      #pragma unroll
      for (int c = 0; c < CHANNELS; c++)
        cell |= (uint)values[c * 256 + (pixels[i] >> (8 * c) & 255)] << (8 * c);
      if (i * WORK_ITEMS + ITEM < PIXELS) cells[i * WORK_ITEMS + ITEM] = inside[i] ? cell : 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int quad = ITEM; quad < PATCH_HEIGHT * 8; quad += WORK_ITEMS) {
      __local const uint* from = cells + quad / 8 * PATCH_WIDTH + quad % 8 * STRIDE;
      *(__local uint4*)(local_ + quad * QUAD) = (uint4)(from[0], from[1], from[2], from[3]);
    }
    publishCopies();
    barrier(CLK_LOCAL_MEM_FENCE);
    if (index + GROUPS < tiles) NAME(loadPixels)(index + GROUPS, in, pixels, inside);
    const int tileX = index % TILES_X, tileY = index / TILES_X % TILES_Y, image = index / (TILES_X * TILES_Y);
    #pragma unroll
    for (int chunk = 0; chunk < OUT_CHUNKS; chunk++) {
      int sums[2][32];
      openProducts();
      #pragma unroll
      for (int h = 0; h < 2; h++) {
        #pragma unroll
        for (int step = 0; step < STEPS; step++)
          startByteProduct(a[2 * chunk + h][step], quadsAt + MATRIX_STEP(step * 16 * QUAD, 8 * QUAD), columns, sums[h], step > 0);
        closeProducts();
      }
      #pragma unroll
      for (int h = 0; h < 2; h++) {
        int2 scale[2];
        #pragma unroll
        for (int k = 0; k < 2; k++) scale[k] = scales[(2 * chunk + h) * 64 + outputOfLane(k)];
        if (h == 0) {
          awaitProducts(1);
        } else {
          awaitProducts(0);
        }
        pinSums(sums[h]);
        NAME(stage)(sums[h], 0, scale, local_ + STAGED + h * STAGED_BYTES);
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      /* Halves of a quad side by side. */
      for (int piece = ITEM; piece < 2 * TILE_OUT * TILE_OUT; piece += WORK_ITEMS)
        NAME(storeOfTile)(local_ + STAGED + (piece & 1) * STAGED_BYTES, piece >> 1, image, tileY, tileX,
                          2 * chunk + (piece & 1), out, outSums, images);
      if (chunk + 1 < OUT_CHUNKS) barrier(CLK_LOCAL_MEM_FENCE);
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}
