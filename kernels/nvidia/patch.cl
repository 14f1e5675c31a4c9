/*
 * What the convolutions on bit planes share: the patch of a tile in local memory. Stride 1; layout.cl has the maths and
 * the layout of activations. A linear layer on many images is a convolution of 1 x 1 over them (VECTOR): its tile is 64
 * images, and its CHUNKS are all quads of an image.
 *
 * The patch is (8 + KERNEL_HEIGHT - 1) x (8 + KERNEL_WIDTH - 1) positions, in local memory [chunk][position] quads for
 * each plane: eight positions of a row are then one matrix of 8 x 16 bytes, and a tap is an offset. A step multiplies
 * 256 bits, two quads of a position: of two chunks at the same tap where chunks come in pairs, STAGE_CHUNKS = 2, else of
 * two taps one after the other; the half of a last step that may be left over meets zero weights.
 */
#define PATCH_HEIGHT (8 + KERNEL_HEIGHT - 1)
#define PATCH_WIDTH (8 + KERNEL_WIDTH - 1)
#define POSITIONS (PATCH_HEIGHT * PATCH_WIDTH)
#define TAP_QUADS (KERNEL_HEIGHT * KERNEL_WIDTH * STAGE_CHUNKS)
#define STAGE_STEPS ((TAP_QUADS + 1) / 2)
#define STAGES (CHUNKS / STAGE_CHUNKS)
#if VECTOR
#define TILES ((images + 63) / 64)
#define CHUNK_QUADS ((size_t)ROUNDED_IMAGES)
#define COLUMNS 8
#else
#define TILES (images * TILES_Y * TILES_X)
#define CHUNK_QUADS ((size_t)ROWS * COLUMNS)
#endif
#define SUM_BYTES (POSITIONS * CHUNKS * 4)

typedef struct {
  int image, y, x;
} NAME(Tile);

static NAME(Tile) NAME(tileOf)(int index) {
  NAME(Tile) tile;
#if VECTOR
  tile.image = 0;
  tile.y = index;
  tile.x = 0;
#else
  tile.x = index % TILES_X;
  tile.y = index / TILES_X % TILES_Y;
  tile.image = index / (TILES_X * TILES_Y);
#endif
  return tile;
}

/* Where the patch of a tile begins in a plane, from a chunk on, in quads. */
static size_t NAME(firstQuad)(NAME(Tile) tile, int plane, int chunk, int images) {
  const size_t plane_ = tile.image * IN_PLANES + plane;
  return (plane_ * CHUNKS + chunk) * CHUNK_QUADS + tile.y * 8 * COLUMNS + tile.x * 8;
}

/* Sums over 64 channels of all positions, as they lie: [position][chunk]. */
static void NAME(startSums)(NAME(Tile) tile, __global const uint* inSums, uint to) {
#if VECTOR
  __global const uint* from = inSums + (size_t)tile.y * 64 * CHUNKS;
#else
  __global const uint* from =
      inSums + tile.image * SUMS_OF_MAP(ROWS, COLUMNS, CHUNKS) + (tile.y * 8 * COLUMNS + tile.x * 8) * CHUNKS;
#endif
  #pragma unroll
  for (int i = 0; i < (POSITIONS * CHUNKS + WORK_ITEMS - 1) / WORK_ITEMS; i++) {
    const int word = i * WORK_ITEMS + ITEM, row = word / (PATCH_WIDTH * CHUNKS);
    if (word < POSITIONS * CHUNKS)
      startWordCopy(to + word * 4, from + row * COLUMNS * CHUNKS + word % (PATCH_WIDTH * CHUNKS));
  }
}

/* Whether S of a window fits a ushort, so that both halves of a word are summed at once. */
#define SUMS_IN_PAIRS (KERNEL_HEIGHT * KERNEL_WIDTH * CHUNKS * 64 * ((1 << IN_PLANES) - 1) < 65536)

/* S of the window of each of the tile's 64 positions. */
static void NAME(sumWindows)(__local const uint* sums, __local int* windows) {
  if (ITEM < 64) {
    uint sum = 0;
    #pragma unroll
    for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
      #pragma unroll
      for (int kx = 0; kx < KERNEL_WIDTH; kx++)
        #pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
          const uint two = sums[((ITEM / 8 + ky) * PATCH_WIDTH + ITEM % 8 + kx) * CHUNKS + chunk];
          sum += SUMS_IN_PAIRS ? two : (two & 0xffff) + (two >> 16);
        }
    windows[ITEM] = (int)(SUMS_IN_PAIRS ? (sum & 0xffff) + (sum >> 16) : sum);
  }
}

/* Where quad number `quad` of a stage lies for the first position of a tile, in bytes. */
static uint NAME(tapOffset)(int quad) {
  const int q = min(quad, TAP_QUADS - 1), tap = q / STAGE_CHUNKS, chunk = q % STAGE_CHUNKS;
  return (chunk * POSITIONS + tap / KERNEL_WIDTH * PATCH_WIDTH + tap % KERNEL_WIDTH) * QUAD;
}
