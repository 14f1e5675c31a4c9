/*
 * A convolution by mma.sync, with a 2 x 2 pool behind it where POOL is 2; after patch.cl and tile.cl.
 *
 * Each warp multiplies 64 outputs by its 16 pixels: 4 x 2 matrix products a plane and step. Weights are packed as the
 * lanes hold them, [OUTPUTS / 64][stage][step][16 outputs][lane] 16 bytes, and loaded one step ahead.
 */
static void NAME(layer)(__global const uchar* in, __global const uint4* weights, __global const int2* scales,
                        __global uchar* out, int images, __local uchar* local_) {
  const int g = LANE >> 2, t = LANE & 3, lane = LANE;
  const uint base = localAddress(local_);
  /* As loadMatrices takes them: matrices 0 and 1 are the halves of a step for the first row, 2 and 3 for the second. */
  const uint row = ((2 * WARP + (lane >> 4)) * PATCH_WIDTH + (lane & 7)) * QUAD;
  const bool second = (lane >> 3) & 1;
  const int tiles = images * IMAGE_TILES;
  int buffer = 0;
  NAME(Tile) tile = NAME(tileOf)(GROUP);
  uint4 a[4];
  if (GROUP < tiles) {
    NAME(startStage)(tile, 0, in, base);
    #pragma unroll
    for (int m = 0; m < 4; m++) a[m] = loadConstant(weights + (tile.block * STAGES * STEPS * 4 + m) * 32 + lane);
  }
  for (int index = GROUP; index < tiles; index += GROUPS) {
    const NAME(Tile) next = NAME(tileOf)(index + GROUPS);
    __global const uint4* w = weights + tile.block * STAGES * STEPS * 128 + lane;
    int4 sums[PLANES][2][4];
    #pragma unroll
    for (int p = 0; p < PLANES; p++)
      #pragma unroll
      for (int r = 0; r < 2; r++)
        #pragma unroll
        for (int m = 0; m < 4; m++) sums[p][r][m] = (int4)(0);

    for (int stage = 0; stage < STAGES; stage++) {
      finishCopies();
      barrier(CLK_LOCAL_MEM_FENCE);
      const uint other = base + (buffer ^ 1) * STAGE_BYTES;
      if (stage + 1 < STAGES) NAME(startStage)(tile, stage + 1, in, other);
      else if (index + GROUPS < tiles) NAME(startStage)(next, 0, in, other);
      NAME(sumPositions)(local_ + buffer * STAGE_BYTES, (__local int*)(local_ + POSITION_SUMS), stage == 0);

      const uint from = base + buffer * STAGE_BYTES + row;
      #pragma unroll
      for (int step = 0; step < STEPS; step++) {
        const bool last = step + 1 == STEPS && stage + 1 == STAGES;
        __global const uint4* ahead = w + (stage * STEPS + step + 1) * 128;
        if (last) ahead = weights + next.block * STAGES * STEPS * 128 + lane;
        uint4 following[4];
        #pragma unroll
        for (int m = 0; m < 4; m++) following[m] = loadConstant(ahead + m * 32);
        const uint tap = from + (second ? NAME(tapOffset)(2 * step + 1) : NAME(tapOffset)(2 * step));
        #pragma unroll
        for (int p = 0; p < PLANES; p++) {
          const uint4 b = loadMatrices(tap + p * PLANE_BYTES);
          #pragma unroll
          for (int m = 0; m < 4; m++) {
            sums[p][0][m] = multiplyBits(a[m], (uint2)(b.x, b.y), sums[p][0][m]);
            sums[p][1][m] = multiplyBits(a[m], (uint2)(b.z, b.w), sums[p][1][m]);
          }
        }
        #pragma unroll
        for (int m = 0; m < 4; m++) a[m] = following[m];
      }
      buffer ^= 1;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    __local int* windows = (__local int*)(local_ + WINDOW_SUMS);
    NAME(sumWindows)((__local const int*)(local_ + POSITION_SUMS), windows);
    barrier(CLK_LOCAL_MEM_FENCE);

    int results[2][2][8];
    #pragma unroll
    for (int r = 0; r < 2; r++) {
      const int2 window = *(__local const int2*)(windows + (2 * WARP + r) * 8 + 2 * t);
      #pragma unroll
      for (int m = 0; m < 4; m++) {
        int4 joined = sums[0][r][m];
        #pragma unroll
        for (int p = 1; p < PLANES; p++) joined += sums[p][r][m] << p;
        results[r][0][2 * m] = 2 * joined.x - window.x;
        results[r][1][2 * m] = 2 * joined.y - window.y;
        results[r][0][2 * m + 1] = 2 * joined.z - window.x;
        results[r][1][2 * m + 1] = 2 * joined.w - window.y;
      }
    }
    NAME(store)(results, tile.image, tile.y, tile.x, tile.block, scales, local_ + STAGED, out);
    tile = next;
  }
}
