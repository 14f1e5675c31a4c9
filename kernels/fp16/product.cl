/*
 * The matrix product of a convolution or a linear layer on halves, with sums in floats; after nvidia/ptx.cl and
 * halves.cl, before convolution.cl or linear.cl.
 *
 * THE MATHS. A convolution of stride 1 is a product of matrices whose inner index is a tap and a channel:
 *
 *   sum[o][y][x] = sum over ky, kx, c of  w[o][c][ky][kx] in[y + ky][x + kx][c]
 *
 * The columns of the second matrix are never laid out: for one tap they are the activations themselves, all moved by
 * ky rows and kx columns, and that is an offset of an address. A linear layer is the same with one tap, and with images
 * in place of positions: 64 of them are a map of 8 x 8.
 *
 * THE LAYOUT. Activations are halves, [image][IN_ROWS][IN_COLUMNS][IN_CHANNELS], channels a multiple of 8 QUADS. The
 * margin that a convolution pads with, and what it reads past the end to fill its tiles, are zeros that nobody writes.
 * 8 channels of a position are 16 bytes, a quad. Weights are packed as the lanes hold operand `a` of a matrix
 * instruction, [BLOCKS][STAGES][STEPS][4][lane] 16 bytes, where row 16 m + 8 h + g is output 16 m + 2 g + h: the two
 * sums that a lane has of a position are then neighbours in memory.
 *
 * THE TILING. A work-group multiplies 64 outputs, a block, by 4 subtiles of 8 x 8 positions, 128 sums a work-item; two
 * work-groups share a compute unit, so that one multiplies while the other starts or writes out.
 *
 *   stage   8 QUADS channels of all positions under the 4 subtiles and all taps. In local memory
 *           [quad][subtile][position of the patch] 16 bytes: eight positions of a row are one matrix of 8 x 16 bytes.
 *           Stages come by asynchronous copies into a ring, RING - 1 ahead.
 *   step    16 channels of a tap: one matrix instruction deep.
 *
 * With wgmma, warp w has outputs 16 w .. 16 w + 15 of all subtiles, sums[subtile], and a stage's weights wait in
 * registers, which are loaded while the stage before is multiplied. With mma.sync, warp w has all outputs of subtile w,
 * sums[m], and weights are loaded a step ahead; the four warps ask for the same ones, so three find them in the cache.
 * Either way sums[i][4 j + 2 h + e] is row j, column 2 t + e of a subtile.
 */
#define QUAD 16
#define SUBTILES 4
#define LANE_ROW (LANE >> 2)
#define LANE_COLUMN (2 * (LANE & 3))
#define TAPS (KERNEL_HEIGHT * KERNEL_WIDTH)
#define STEPS (TAPS * QUADS / 2)
#define PATCH_WIDTH (8 + KERNEL_WIDTH - 1)
#define POSITIONS ((8 + KERNEL_HEIGHT - 1) * PATCH_WIDTH)
/* From a quad to the next one of the same position; copies of two quads meet different banks. */
#define QUAD_BYTES (SUBTILES * POSITIONS * QUAD + (QUADS == 2 && POSITIONS % 2 == 0 ? 64 : 0))
#define STAGE_BYTES (QUADS * QUAD_BYTES)
#define STAGE_QUADS (SUBTILES * POSITIONS * QUADS)
#define COPIES ((STAGE_QUADS + WORK_ITEMS - 1) / WORK_ITEMS)

typedef struct {
  int image, y, x;
} Subtile;

static Subtile subtileOf(int number) {
  Subtile subtile;
  subtile.x = number % TILES_X;
  subtile.y = number / TILES_X % TILES_Y;
  subtile.image = number / (TILES_X * TILES_Y);
  return subtile;
}

/*
 * Where this work-item's copies of stage 0 come from, in quads: neighbours take the quads of one position. The last
 * work-group may have fewer than 4 subtiles; it multiplies the last one again.
 */
static ALWAYS_INLINE void placeCopies(int firstSubtile, int subtiles, uint from[COPIES]) {
  #pragma unroll
  for (int i = 0; i < COPIES; i++) {
    const int place = (i * WORK_ITEMS + ITEM) / QUADS, position = place % POSITIONS;
    const Subtile subtile = subtileOf(min(firstSubtile + place / POSITIONS, subtiles - 1));
    const uint row = (uint)subtile.image * IN_ROWS + subtile.y * 8 + position / PATCH_WIDTH;
    const uint pixel = row * IN_COLUMNS + subtile.x * 8 + position % PATCH_WIDTH;
    from[i] = pixel * (IN_CHANNELS / 8) + ITEM % QUADS;
  }
}

static ALWAYS_INLINE void startStage(int stage, const uint* from, __global const uchar* in, uint to) {
  #pragma unroll
  for (int i = 0; i < COPIES; i++) {
    const int copy = i * WORK_ITEMS + ITEM;
    if (copy < STAGE_QUADS)
      startCopy(to + ITEM % QUADS * QUAD_BYTES + copy / QUADS * QUAD, in + ((size_t)from[i] + stage * QUADS) * QUAD);
  }
}

/* How far the operand of a step lies from the first tap of the first two quads. */
static uint stepOffset(int step) {
  const int tap = step % TAPS, pair = step / TAPS;
  return 2 * pair * QUAD_BYTES + (tap / KERNEL_WIDTH * PATCH_WIDTH + tap % KERNEL_WIDTH) * QUAD;
}

/* What a work-group multiplies, and how far it has come. */
typedef struct {
  __global const uchar* in;
  /* Of the current stage and this work-item. */
  __global const uint4* weights;
  /* The ring in local memory; the slots of the current stage and of the one before, which is free. */
  uint ring;
  int slot, freeSlot;
  int stage, end;
  uint from[COPIES];
} Product;

static ALWAYS_INLINE void startAhead(const Product* product) {
  const int stage = product->stage + RING - 1;
  if (stage < product->end) startStage(stage, product->from, product->in, product->ring + product->freeSlot * STAGE_BYTES);
  closeCopies();
}

/* The weights of the next stage; those of the last stage once more, so that nothing past the end is read. */
static ALWAYS_INLINE __global const uint4* weightsAhead(const Product* product) {
  return product->stage + 1 < product->end ? product->weights + STEPS * WORK_ITEMS : product->weights;
}

static ALWAYS_INLINE void awaitStage(void) {
  awaitCopies(RING - 2);
#if WARPGROUPS
  publishCopies();
#endif
  barrier(CLK_LOCAL_MEM_FENCE);
}

static ALWAYS_INLINE void nextStage(Product* product) {
  product->stage++;
  product->weights += STEPS * WORK_ITEMS;
  product->freeSlot = product->slot;
  product->slot = product->slot + 1 == RING ? 0 : product->slot + 1;
}

#if WARPGROUPS

/* Multiplies a stage by weights `a`, and loads those of the next one into `next`. */
static ALWAYS_INLINE void multiplyStage(Product* product, const uint4 a[STEPS], uint4 next[STEPS], bool added,
                                        float sums[4][32]) {
  awaitStage();
  const uint at = uniform(MATRIX_AT(product->ring + product->slot * STAGE_BYTES));
  openProducts();
  #pragma unroll
  for (int step = 0; step < STEPS; step++)
    #pragma unroll
    for (int s = 0; s < SUBTILES; s++)
      startHalfProduct(a[step], at + MATRIX_STEP(s * POSITIONS * QUAD + stepOffset(step), QUAD_BYTES), PATCH_WIDTH,
                       sums[s], step > 0 || added ? 1 : 0);
  closeProducts();
  startAhead(product);
  __global const uint4* ahead = weightsAhead(product);
  #pragma unroll
  for (int step = 0; step < STEPS; step++) next[step] = loadConstant(ahead + step * WORK_ITEMS);
  awaitProducts(0);
  #pragma unroll
  for (int s = 0; s < SUBTILES; s++) pinFloats(sums[s]);
  #pragma unroll
  for (int step = 0; step < STEPS; step++) keepWords(a[step]);
  nextStage(product);
}

/* Two stages a turn, whose weights take turns in two sets of registers: none is moved while a product may read it. */
static ALWAYS_INLINE void multiplyStages(Product* product, float sums[4][32]) {
  product->weights += ITEM;
  const int first = product->stage;
  uint4 even[STEPS], odd[STEPS];
  #pragma unroll
  for (int step = 0; step < STEPS; step++) even[step] = loadConstant(product->weights + step * WORK_ITEMS);
  while (product->stage < product->end) {
    multiplyStage(product, even, odd, product->stage > first, sums);
    if (product->stage == product->end) break;
    multiplyStage(product, odd, even, true, sums);
  }
}

#else

static ALWAYS_INLINE void multiplyStages(Product* product, float sums[4][32]) {
  product->weights += LANE;
  /* As loadMatrices takes them: matrices 0 and 1 are the halves of a step for one row of positions, 2 and 3 of the next. */
  const uint row = (WARP * POSITIONS + (LANE >> 4) * PATCH_WIDTH + (LANE & 7)) * QUAD + (LANE >> 3 & 1) * QUAD_BYTES;
  uint4 a[4];
  #pragma unroll
  for (int m = 0; m < 4; m++) a[m] = loadConstant(product->weights + m * 32);
  #pragma unroll
  for (int m = 0; m < 4; m++)
    #pragma unroll
    for (int i = 0; i < 32; i++) sums[m][i] = 0;
  while (product->stage < product->end) {
    awaitStage();
    startAhead(product);
    const uint at = product->ring + product->slot * STAGE_BYTES + row;
    #pragma unroll
    for (int step = 0; step < STEPS; step++) {
      __global const uint4* ahead =
          step + 1 < STEPS ? product->weights + (step + 1) * WORK_ITEMS : weightsAhead(product);
      uint4 next[4];
      #pragma unroll
      for (int m = 0; m < 4; m++) next[m] = loadConstant(ahead + m * 32);
      #pragma unroll
      for (int j = 0; j < 8; j += 2) {
        const uint4 b = loadMatrices(at + stepOffset(step) + j * PATCH_WIDTH * QUAD);
        #pragma unroll
        for (int m = 0; m < 4; m++) {
          multiplyHalves(a[m], (uint2)(b.x, b.y), sums[m] + 4 * j);
          multiplyHalves(a[m], (uint2)(b.z, b.w), sums[m] + 4 * j + 4);
        }
      }
      #pragma unroll
      for (int m = 0; m < 4; m++) a[m] = next[m];
    }
    nextStage(product);
  }
}

#endif

/* The sums of a block of outputs and 4 subtiles over the channels of stages `first` .. `end` - 1. */
static ALWAYS_INLINE void multiply(int block, int firstSubtile, int subtiles, int first, int end,
                                   __global const uchar* in, __global const uint4* weights, uint ring,
                                   float sums[4][32]) {
  Product product;
  product.in = in;
  product.weights = weights + (size_t)(block * STAGES + first) * STEPS * WORK_ITEMS;
  product.ring = ring;
  product.slot = 0;
  product.freeSlot = RING - 1;
  product.stage = first;
  product.end = end;
  placeCopies(firstSubtile, subtiles, product.from);
  #pragma unroll
  for (int k = 0; k < RING - 1; k++) {
    if (first + k < end) startStage(first + k, product.from, in, ring + k * STAGE_BYTES);
    closeCopies();
  }
  multiplyStages(&product, sums);
}

/* Of sums[i]: which of the 4 subtiles, and the first of the lane's two outputs among the 64. */
#define SUBTILE_OF(i) (WARPGROUPS ? (i) : WARP)
#define OUTPUT_OF(i) ((WARPGROUPS ? WARP : (i)) * 16 + 2 * LANE_ROW)
