/*
 * A convolution by mma.sync, with a 2 x 2 pool behind it where POOL is 2; after patch.cl and tile.cl.
 *
 * Each warp multiplies 64 outputs by its 16 positions: 4 x 2 matrix products a plane and step. Each plane has sums of
 * its own until the end. The patch passes through local memory in stages of STAGE_CHUNKS chunks and all planes, two
 * stages in flight: [plane][chunk][position] quads. Weights are packed as the lanes hold them,
 * [OUTPUTS / 64][stage][step][16 outputs][lane] 16 bytes, and loaded one step ahead.
 */
#define IMAGE_TILES (TILES_Y * TILES_X)
#define PLANE_BYTES (STAGE_CHUNKS * POSITIONS * QUAD)
#define STAGE_BYTES (IN_PLANES * PLANE_BYTES)
/* Local memory: two stages, sums of the positions of two tiles, sums of windows, the packed tile. */
#define POSITION_SUMS (2 * STAGE_BYTES)
#define WINDOW_SUMS ((POSITION_SUMS + 2 * SUM_BYTES + 15) / 16 * 16)
#define STAGED (WINDOW_SUMS + 256)

enum { NAME(localBytes) = STAGED + TILE_OUT * TILE_OUT * PLANES * 8 };

/* Quads of a stage, of one plane. */
static void NAME(startPatch)(NAME(Tile) tile, int plane, int stage, __global const uchar* in, uint to, int images) {
  __global const uchar* from = in + NAME(firstQuad)(tile, plane, stage * STAGE_CHUNKS, images) * QUAD;
  #pragma unroll
  for (int i = 0; i < (POSITIONS * STAGE_CHUNKS + WORK_ITEMS - 1) / WORK_ITEMS; i++) {
    const int copy = i * WORK_ITEMS + ITEM, position = copy % POSITIONS;
    const size_t quad = copy / POSITIONS * CHUNK_QUADS + position / PATCH_WIDTH * COLUMNS + position % PATCH_WIDTH;
    if (copy < POSITIONS * STAGE_CHUNKS) startCopy(to + copy * QUAD, from + quad * QUAD);
  }
}

/* Stage `stage` of tile `index`, counted over outputs first; the sums with the first. */
static void NAME(startStage)(int index, int stage, int parity, __global const uchar* in, __global const uint* inSums,
                             uint base, int buffer, int images) {
  const NAME(Tile) tile = NAME(tileOf)(index / BLOCKS);
  #pragma unroll
  for (int p = 0; p < IN_PLANES; p++)
    NAME(startPatch)(tile, p, stage, in, base + buffer * STAGE_BYTES + p * PLANE_BYTES, images);
  if (stage == 0) NAME(startSums)(tile, inSums, base + POSITION_SUMS + parity * SUM_BYTES);
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const uint* inSums,
                                      __global const uint4* weights, __global const int2* scales, __global uchar* out,
                                      __global ushort* outSums, int images,
                                      __local uchar* local_) {
  const int t = LANE & 3, lane = LANE;
  const uint base = localAddress(local_);
  /* As loadMatrices takes them: matrices 0 and 1 are the halves of a step for the first row, 2 and 3 for the second. */
  const uint row = ((2 * WARP + (lane >> 4)) * PATCH_WIDTH + (lane & 7)) * QUAD;
  const bool second = (lane >> 3) & 1;
  const int tiles = TILES * BLOCKS;
  int buffer = 0, parity = 0;
  uint4 a[4];
  if (GROUP < tiles) {
    NAME(startStage)(GROUP, 0, 0, in, inSums, base, 0, images);
    #pragma unroll
    for (int m = 0; m < 4; m++)
      a[m] = loadConstant(weights + (GROUP % BLOCKS * STAGES * STAGE_STEPS * 4 + m) * 32 + lane);
  }
  for (int index = GROUP; index < tiles; index += GROUPS, parity ^= 1) {
    const int block = index % BLOCKS, nextBlock = (index + GROUPS) % BLOCKS;
    __global const uint4* w = weights + block * STAGES * STAGE_STEPS * 128 + lane;
    int4 sums[IN_PLANES][2][4];
    #pragma unroll
    for (int p = 0; p < IN_PLANES; p++)
      #pragma unroll
      for (int r = 0; r < 2; r++)
        #pragma unroll
        for (int m = 0; m < 4; m++) sums[p][r][m] = (int4)(0);

    for (int stage = 0; stage < STAGES; stage++) {
      closeCopies();
      awaitCopies(0);
      barrier(CLK_LOCAL_MEM_FENCE);
      if (stage + 1 < STAGES) NAME(startStage)(index, stage + 1, parity, in, inSums, base, buffer ^ 1, images);
      else if (index + GROUPS < tiles)
        NAME(startStage)(index + GROUPS, 0, parity ^ 1, in, inSums, base, buffer ^ 1, images);

      const uint from = base + buffer * STAGE_BYTES + row;
      #pragma unroll
      for (int step = 0; step < STAGE_STEPS; step++) {
        const bool last = step + 1 == STAGE_STEPS && stage + 1 == STAGES;
        __global const uint4* ahead = w + (stage * STAGE_STEPS + step + 1) * 128;
        if (last) ahead = weights + nextBlock * STAGES * STAGE_STEPS * 128 + lane;
        uint4 following[4];
        #pragma unroll
        for (int m = 0; m < 4; m++) following[m] = loadConstant(ahead + m * 32);
        const uint tap = from + (second ? NAME(tapOffset)(2 * step + 1) : NAME(tapOffset)(2 * step));
        #pragma unroll
        for (int p = 0; p < IN_PLANES; p++) {
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
    __local int* windows = (__local int*)(local_ + WINDOW_SUMS);
    NAME(sumWindows)((__local const uint*)(local_ + POSITION_SUMS + parity * SUM_BYTES), windows);
    barrier(CLK_LOCAL_MEM_FENCE);

    int results[2][2][8];
    #pragma unroll
    for (int r = 0; r < 2; r++) {
      const int2 window = *(__local const int2*)(windows + (2 * WARP + r) * 8 + 2 * t);
      #pragma unroll
      for (int m = 0; m < 4; m++) {
        int4 joined = sums[0][r][m];
        #pragma unroll
        for (int p = 1; p < IN_PLANES; p++) joined += sums[p][r][m] << p;
        results[r][0][2 * m] = 2 * joined.x - window.x;
        results[r][1][2 * m] = 2 * joined.y - window.y;
        results[r][0][2 * m + 1] = 2 * joined.z - window.x;
        results[r][1][2 * m + 1] = 2 * joined.w - window.y;
      }
    }
    const NAME(Tile) tile = NAME(tileOf)(index / BLOCKS);
    NAME(store)(results, tile.image, tile.y, tile.x, block, scales, local_ + STAGED, out, outSums, images);
  }
}
