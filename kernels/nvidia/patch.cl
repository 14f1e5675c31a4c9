/*
 * What the convolutions on bit planes share: the patch of a tile in local memory, in stages. Stride 1; layout.cl has
 * the maths and the layout of activations and tiles.
 *
 * The patch, (8 + KERNEL_HEIGHT - 1) x (8 + KERNEL_WIDTH - 1) positions, passes through local memory in stages of
 * STAGE_CHUNKS times 128 channels, two stages in flight: [chunk][plane][position] quads, with an odd number of quads
 * from one plane to the next so that copies meet different banks. Eight pixels of a row are then one matrix of
 * 8 x 16 bytes, and a tap is an offset. A step multiplies 256 bits, two quads of a pixel: quads are numbered
 * tap * STAGE_CHUNKS + chunk, and the half of the last step that may be left over meets zero weights.
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
