/*
 * A convolution of stride 1 on bit planes, with a 2 x 2 pool behind it where POOL is 2; layout.cl has the maths and
 * the layout of activations and tiles.
 *
 * The patch of a tile, (8 + KERNEL_HEIGHT - 1) x (8 + KERNEL_WIDTH - 1) positions, passes through local memory in
 * stages of STAGE_CHUNKS times 128 channels, two stages in flight: [chunk][plane][position] quads, with an odd number
 * of quads from one plane to the next so that copies meet different banks. Eight pixels of a row are then one matrix
 * for ldmatrix, and a tap is an offset. A step multiplies 256 bits, two quads of a pixel: quads are numbered
 * tap * STAGE_CHUNKS + chunk, and the half of the last step that may be left over meets zero weights.
 *
 * Each warp multiplies 64 outputs by its 16 pixels: 4 x 2 matrix products a plane and step. Weights are packed as the
 * lanes hold them, [OUTPUTS / 64][stage][step][16 outputs][lane] 16 bytes, and loaded one step ahead.
 *
 * S is summed over channels for each position while the stage is there, and over the window at the end.
 */
#define PATCH_HEIGHT (8 + KERNEL_HEIGHT - 1)
#define PATCH_WIDTH (8 + KERNEL_WIDTH - 1)
#define POSITIONS (PATCH_HEIGHT * PATCH_WIDTH)
#define PLANE_BYTES ((POSITIONS | 1) * QUAD)
#define STAGE_QUADS (STAGE_CHUNKS * PLANES)
#define STAGE_BYTES (STAGE_QUADS * PLANE_BYTES)
#define STAGES (CHUNKS / STAGE_CHUNKS)
#define TAP_QUADS (KERNEL_HEIGHT * KERNEL_WIDTH * STAGE_CHUNKS)
#define STEPS ((TAP_QUADS + 1) / 2)
#define PIXEL_BYTES (CHUNKS * PLANES * QUAD)
#define BLOCKS (OUT_CHUNKS * 2)
#define IMAGE_TILES (TILES_Y * TILES_X * BLOCKS)
/* Local memory: two stages, sums of positions, sums of windows, the packed tile. */
#define POSITION_SUMS (2 * STAGE_BYTES)
#define WINDOW_SUMS (POSITION_SUMS + (POSITIONS + 3) / 4 * 16)
#define STAGED (WINDOW_SUMS + 256)

enum { NAME(localBytes) = STAGED + 64 * PLANES * 8 };

typedef struct {
  int image, y, x, block;
} NAME(Tile);

static NAME(Tile) NAME(tileOf)(int index) {
  NAME(Tile) tile;
  tile.block = index % BLOCKS;
  tile.x = index / BLOCKS % TILES_X;
  tile.y = index / (BLOCKS * TILES_X) % TILES_Y;
  tile.image = index / IMAGE_TILES;
  return tile;
}

static void NAME(startStage)(NAME(Tile) tile, int stage, __global const uchar* in, uint buffer) {
  const int top = tile.y * 8 - PADDING, left = tile.x * 8 - PADDING;
  #pragma unroll
  for (int i = 0; i < (POSITIONS * STAGE_QUADS + WORK_ITEMS - 1) / WORK_ITEMS; i++) {
    const int copy = i * WORK_ITEMS + ITEM, position = copy / STAGE_QUADS, quad = copy % STAGE_QUADS;
    const int y = top + position / PATCH_WIDTH, x = left + position % PATCH_WIDTH;
    const bool inside = y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH;
    const size_t place = inside ? (((size_t)tile.image * HEIGHT + y) * WIDTH + x) * PIXEL_BYTES : 0;
    if (position < POSITIONS)
      startCopy(buffer + quad * PLANE_BYTES + position * QUAD, in + place + (stage * STAGE_QUADS + quad) * QUAD, inside);
  }
}

static void NAME(sumPositions)(__local const uchar* stage, __local int* sums, bool first) {
  for (int position = ITEM; position < POSITIONS; position += WORK_ITEMS) {
    int sum = first ? 0 : sums[position];
    #pragma unroll
    for (int quad = 0; quad < STAGE_QUADS; quad++) {
      const uint4 bits = *(__local const uint4*)(stage + quad * PLANE_BYTES + position * QUAD);
      sum += (int)(popcount(bits.x) + popcount(bits.y) + popcount(bits.z) + popcount(bits.w)) << (quad % PLANES);
    }
    sums[position] = sum;
  }
}

static void NAME(sumWindows)(__local const int* positions, __local int* windows) {
  if (ITEM < 64) {
    int sum = 0;
    #pragma unroll
    for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
      #pragma unroll
      for (int kx = 0; kx < KERNEL_WIDTH; kx++) sum += positions[(ITEM / 8 + ky) * PATCH_WIDTH + ITEM % 8 + kx];
    windows[ITEM] = sum;
  }
}

/* Where quad number `quad` of a stage lies for the first pixel of a tile. */
static uint NAME(tapOffset)(int quad) {
  const int q = min(quad, TAP_QUADS - 1), tap = q / STAGE_CHUNKS, chunk = q % STAGE_CHUNKS;
  return chunk * PLANES * PLANE_BYTES + (tap / KERNEL_WIDTH * PATCH_WIDTH + tap % KERNEL_WIDTH) * QUAD;
}

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
