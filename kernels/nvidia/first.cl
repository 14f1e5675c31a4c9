/*
 * The first layer where it is a convolution: raw bytes to integers by a table for each channel, and 8-bit matrix
 * products. K = KERNEL_HEIGHT * KERNEL_WIDTH * CHANNELS bytes of a window, [ky][kx][c], padded to steps of 32.
 *
 * A work-group takes a tile of 8 x 8 pixels (layout.cl): it looks the patch up into local memory, lays out the windows,
 * [pixel][K] bytes, and multiplies them by 64 outputs at a time. Lane t of a step has bytes 8 t .. 8 t + 7.
 * Weights, +1, -1 or 0: [OUTPUTS / 64][step][16 outputs][lane] 16 bytes.
 */
#define PATCH_HEIGHT (7 * STRIDE + KERNEL_HEIGHT)
#define PATCH_WIDTH (7 * STRIDE + KERNEL_WIDTH)
#define PATCH_BYTES (PATCH_HEIGHT * PATCH_WIDTH * CHANNELS)
#define WINDOW (KERNEL_HEIGHT * KERNEL_WIDTH * CHANNELS)
#define STEPS ((WINDOW + 31) / 32)
#define WINDOW_BYTES (STEPS * 32)
/* Local memory: the table, the windows, the patch, the packed tile. */
#define WINDOWS (CHANNELS * 256)
#define PATCH (WINDOWS + 64 * WINDOW_BYTES)
#define STAGED (PATCH + (PATCH_BYTES + 15) / 16 * 16)

enum { NAME(localBytes) = STAGED + TILE_OUT * TILE_OUT * PLANES * 8 };

#define PATCH_LOADS ((PATCH_BYTES + WORK_ITEMS - 1) / WORK_ITEMS)

/* This work-item's bytes of a patch, with their channel in the bits above; -1 outside of the image. */
static void NAME(loadPatch)(int index, __global const uchar* in, int bytes[PATCH_LOADS]) {
  const int tileX = index % TILES_X, tileY = index / TILES_X % TILES_Y, image = index / (TILES_X * TILES_Y);
  const int top = tileY * 8 * STRIDE - PADDING, left = tileX * 8 * STRIDE - PADDING;
  #pragma unroll
  for (int i = 0; i < PATCH_LOADS; i++) {
    const int k = i * WORK_ITEMS + ITEM;
    const int y = top + k / (PATCH_WIDTH * CHANNELS), x = left + k / CHANNELS % PATCH_WIDTH, c = k % CHANNELS;
    const bool inside = k < PATCH_BYTES && y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH;
    bytes[i] = inside ? c * 256 + in[(((size_t)image * HEIGHT + y) * WIDTH + x) * CHANNELS + c] : -1;
  }
}

/* The windows of this warp's 16 pixels; bytes past a window meet zero weights. */
static void NAME(layOutWindows)(__local const char* patch, __local char* windows) {
  const int pixel = WARP * 16 + (LANE & 15), from = (LANE >> 4) * (WINDOW_BYTES / 2), rowBytes = KERNEL_WIDTH * CHANNELS;
  const int start = ((pixel >> 3) * STRIDE * PATCH_WIDTH + (pixel & 7) * STRIDE) * CHANNELS;
  #pragma unroll
  for (int j = 0; j < WINDOW_BYTES / 2; j += 4) {
    uint word = 0;
    #pragma unroll
    for (int b = 0; b < 4; b++) {
      const int k = min(from + j + b, WINDOW - 1);
      word |= (uint)(uchar)patch[start + k / rowBytes * (PATCH_WIDTH * CHANNELS) + k % rowBytes] << (8 * b);
    }
    *(__local uint*)(windows + pixel * WINDOW_BYTES + from + j) = word;
  }
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const char* table,
                                      __global const uint4* weights, __global const int2* scales, __global uchar* out,
                                      __global ushort* outSums, int images,
                                      __local uchar* local_) {
  const int g = LANE >> 2, t = LANE & 3, tiles = images * TILES_Y * TILES_X;
  __local char* values = (__local char*)local_;
  __local char* windows = (__local char*)(local_ + WINDOWS);
  __local char* patch = (__local char*)(local_ + PATCH);
  int bytes[PATCH_LOADS];
  for (int i = ITEM; i < CHANNELS * 256; i += WORK_ITEMS) values[i] = table[i];
  if (GROUP < tiles) NAME(loadPatch)(GROUP, in, bytes);
  for (int index = GROUP; index < tiles; index += GROUPS) {
    barrier(CLK_LOCAL_MEM_FENCE);
    #pragma unroll
    for (int i = 0; i < PATCH_LOADS; i++)
      if (i * WORK_ITEMS + ITEM < PATCH_BYTES) patch[i * WORK_ITEMS + ITEM] = bytes[i] < 0 ? 0 : values[bytes[i]];
    barrier(CLK_LOCAL_MEM_FENCE);
    NAME(layOutWindows)(patch, windows);
    syncWarp();
    if (index + GROUPS < tiles) NAME(loadPatch)(index + GROUPS, in, bytes);
    const int tileX = index % TILES_X, tileY = index / TILES_X % TILES_Y, image = index / (TILES_X * TILES_Y);
    for (int block = 0; block < BLOCKS; block++) {
      int4 sums[2][4];
      #pragma unroll
      for (int r = 0; r < 2; r++)
        #pragma unroll
        for (int m = 0; m < 4; m++) sums[r][m] = (int4)(0);
      for (int step = 0; step < STEPS; step++) {
        uint2 b[2];
        #pragma unroll
        for (int r = 0; r < 2; r++)
          b[r] = *(__local const uint2*)(windows + ((2 * WARP + r) * 8 + g) * WINDOW_BYTES + step * 32 + t * 8);
        #pragma unroll
        for (int m = 0; m < 4; m++) {
          const uint4 a = loadConstant(weights + ((block * STEPS + step) * 4 + m) * 32 + LANE);
          sums[0][m] = multiplyBytes(a, b[0], sums[0][m]);
          sums[1][m] = multiplyBytes(a, b[1], sums[1][m]);
        }
      }
      int results[2][2][8];
      #pragma unroll
      for (int r = 0; r < 2; r++)
        #pragma unroll
        for (int m = 0; m < 4; m++) {
          results[r][0][2 * m] = sums[r][m].x;
          results[r][1][2 * m] = sums[r][m].y;
          results[r][0][2 * m + 1] = sums[r][m].z;
          results[r][1][2 * m + 1] = sums[r][m].w;
        }
      NAME(store)(results, image, tileY, tileX, block, scales, local_ + STAGED, out, outSums, images);
    }
    syncWarp();
  }
}
