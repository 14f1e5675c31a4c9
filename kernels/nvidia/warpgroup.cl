/*
 * A convolution by wgmma, with a 2 x 2 pool behind it where POOL is 2; after patch.cl, tile.cl and lanes.cl.
 *
 * A work-group keeps the weights of 64 outputs in registers and passes tiles by them, a plane at a time from the
 * highest: the sums are doubled from plane to plane, so that one set of them serves all planes,
 *
 *   sum of 2^p popcount(a_p & w) = ((popcount(a_3 & w) 2 + popcount(a_2 & w)) 2 + ...) ...
 *
 * and few enough registers are used that three work-groups share a compute unit: some multiply while others load, double
 * or write out. Planes pass through a ring of SLOTS in local memory, AHEAD of them on their way. SLOTS divides IN_PLANES,
 * or IN_PLANES divides it, so that a plane of a tile always meets the same slot.
 */
#define STEPS (STAGES * STAGE_STEPS)
#define AHEAD (SLOTS - 1)
#define SLOT_BYTES (CHUNKS * POSITIONS * QUAD)
/* Tiles that the ring holds, and whose sums are kept. */
#define RING_TILES (SLOTS > IN_PLANES ? SLOTS / IN_PLANES : 1)
/* Local memory: the ring, sums of the positions of RING_TILES tiles, sums of windows, the packed tile. */
#define POSITION_SUMS (SLOTS * SLOT_BYTES)
#define WINDOW_SUMS ((POSITION_SUMS + RING_TILES * SUM_BYTES + 15) / 16 * 16)
#define STAGED (WINDOW_SUMS + 256)

enum { NAME(localBytes) = STAGED + TILE_OUT * TILE_OUT * PLANES * 8 };

/*
 * Plane number `stage` of a tile counted from the highest, and the sums with the first; nothing past the last tile.
 * `turn`: the tile's place in the ring.
 */
static void NAME(startStage)(int index, int stage, int turn, __global const uchar* in, __global const uint* inSums,
                             uint base, int images) {
  if (index < TILES) {
    const NAME(Tile) tile = NAME(tileOf)(index);
    __global const uchar* from = in + NAME(firstQuad)(tile, IN_PLANES - 1 - stage, 0, images) * QUAD;
    const uint to = base + (turn * IN_PLANES + stage) % SLOTS * SLOT_BYTES;
    #pragma unroll
    for (int i = 0; i < (POSITIONS * CHUNKS + WORK_ITEMS - 1) / WORK_ITEMS; i++) {
      const int copy = i * WORK_ITEMS + ITEM, position = copy % POSITIONS;
      const size_t quad = copy / POSITIONS * CHUNK_QUADS + position / PATCH_WIDTH * COLUMNS + position % PATCH_WIDTH;
      if (copy < POSITIONS * CHUNKS) startCopy(to + copy * QUAD, from + quad * QUAD);
    }
    if (stage == 0) NAME(startSums)(tile, inSums, base + POSITION_SUMS + turn * SUM_BYTES);
  }
  closeCopies();
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const uint* inSums,
                                      __global const uint4* weights, __global const int2* scales, __global uchar* out,
                                      __global ushort* outSums, int images, __local uchar* local_) {
  const uint base = localAddress(local_), columns = MATRIX_COLUMNS(PATCH_WIDTH * QUAD);
  __local int* windows = (__local int*)(local_ + WINDOW_SUMS);
  const int ranks = max(GROUPS / BLOCKS, 1), rank = GROUP / BLOCKS;
  for (int block = GROUP % BLOCKS; rank < ranks && block < BLOCKS; block += GROUPS) {
    #pragma unroll
    for (int k = 0; k < AHEAD; k++)
      NAME(startStage)(rank + k / IN_PLANES * ranks, k % IN_PLANES, k / IN_PLANES, in, inSums, base, images);
    uint4 a[STEPS];
    #pragma unroll
    for (int step = 0; step < STEPS; step++) a[step] = loadConstant(weights + (block * STEPS + step) * WORK_ITEMS + ITEM);
    int2 scale[2];
    #pragma unroll
    for (int h = 0; h < 2; h++)
      scale[h] = scales[block * 64 + outputOfLane(h)];
    int turn = 0;
    for (int tile = rank; tile < TILES; tile += ranks) {
      int sums[32];
      const uint ring = uniform(MATRIX_AT(base + turn * IN_PLANES * SLOT_BYTES));
      #pragma unroll
      for (int stage = 0; stage < IN_PLANES; stage++) {
        awaitCopies(AHEAD - 1);
        publishCopies();
        barrier(CLK_LOCAL_MEM_FENCE);
        openProducts();
        #pragma unroll
        for (int step = 0; step < STEPS; step++) {
          const int quad = step % STAGE_STEPS * 2;
          const uint tap = NAME(tapOffset)(quad), halves = NAME(tapOffset)(quad + 1) - tap;
          const uint chunk = step / STAGE_STEPS * STAGE_CHUNKS * POSITIONS * QUAD;
          const uint moved = MATRIX_STEP(stage % SLOTS * SLOT_BYTES + chunk + tap, max(halves, (uint)QUAD));
          startProduct(a[step], ring + moved, columns, sums, stage > 0 || step > 0);
        }
        closeProducts();
        const int start = stage + AHEAD, tilesOn = start / IN_PLANES;
        NAME(startStage)(tile + tilesOn * ranks, start % IN_PLANES, (turn + tilesOn) % RING_TILES, in, inSums, base,
                         images);
        if (stage == 0) NAME(sumWindows)((__local const uint*)(local_ + POSITION_SUMS + turn * SUM_BYTES), windows);
        awaitProducts(0);
        pinSums(sums);
        if (stage + 1 < IN_PLANES) {
          doubleSums(sums);
          pinSums(sums);
        }
      }
      turn = (turn + 1) % RING_TILES;
      NAME(stage)(sums, windows, scale, local_ + STAGED);
      barrier(CLK_LOCAL_MEM_FENCE);
#if VECTOR
      if (ITEM < 64 && tile * 64 + ITEM < images)
        NAME(storePosition)(local_ + STAGED, 64, ITEM, tile * 64 + ITEM, 0, 0, block, out, outSums, images);
#else
      const NAME(Tile) place = NAME(tileOf)(tile);
      if (ITEM < TILE_OUT * TILE_OUT)
        NAME(storeOfTile)(local_ + STAGED, ITEM, place.image, place.y, place.x, block, out, outSums, images);
#endif
    }
    awaitCopies(0);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
