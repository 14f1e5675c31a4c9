/*
 * A convolution on halves, with a 2 x 2 pool behind it where POOL is 2, batch norm and ReLU; after product.cl.
 *
 *   out[n][y][x][o] = relu?(scale[o] * max over the pool window of sum[n][.][.][o] + shift[o])
 *
 * All positions of a pool window belong to one lane: rows j and j + 1 of a subtile, columns 2 t and 2 t + 1. A lane
 * stores its two outputs of a position as one word, eight lanes 32 bytes side by side.
 *
 * Output position (y, x) of an image lies OUT_ORIGIN + y OUT_ROW + x OUT_CHANNELS halves behind its OUT_IMAGE's begin.
 */
__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1)))
void convolution(__global const uchar* in, __global const uint4* weights, __global const float4* affine,
                 __global uchar* out, int subtiles) {
  __local __attribute__((aligned(128))) uchar stages[RING * STAGE_BYTES];
  const int block = GROUP % BLOCKS, firstSubtile = GROUP / BLOCKS * SUBTILES;
  float sums[4][32];
  multiply(block, firstSubtile, subtiles, 0, STAGES, in, weights, localAddress(stages), sums);
  #pragma unroll
  for (int i = 0; i < 4; i++) {
    const int number = firstSubtile + SUBTILE_OF(i), output = block * 64 + OUTPUT_OF(i);
    if (number >= subtiles || output >= OUT_CHANNELS) continue;
    const Subtile subtile = subtileOf(number);
    const float4 pair = affine[output / 2];
    __global uchar* image = out + ((size_t)subtile.image * OUT_IMAGE + OUT_ORIGIN + output) * 2;
    #pragma unroll
    for (int j = 0; j < 8; j += POOL)
      #pragma unroll
      for (int e = 0; e < 2; e += POOL) {
        float largest[2];
        #pragma unroll
        for (int h = 0; h < 2; h++) {
          largest[h] = sums[i][4 * j + 2 * h + e];
          if (POOL == 2)
            largest[h] = fmax(fmax(largest[h], sums[i][4 * j + 2 * h + 1]),
                              fmax(sums[i][4 * j + 4 + 2 * h], sums[i][4 * j + 4 + 2 * h + 1]));
        }
        const int y = (subtile.y * 8 + j) / POOL, x = (subtile.x * 8 + LANE_COLUMN + e) / POOL;
        if (y < OUT_HEIGHT && x < OUT_WIDTH)
          *(__global uint*)(image + (y * OUT_ROW + x * OUT_CHANNELS) * 2) = finishPair(largest[0], largest[1], pair);
      }
  }
}
