/*
 * One layer by look-up in tables of a whole register (AVX-512 VBMI): 4-bit activations x one-bit weights (behind
 * vectors.cl with VECTOR_BYTES 64).
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 * The maths. Six activations a0 .. a5 of 4 bits are a group; m holds six weights, bit j set where weight j is +1.
 * T[m], the sum of the a_j whose bit is set, is 0 .. 90: a table of 64 bytes, one register. One vpermb looks up the
 * patterns of 64 outputs: 384 multiply-adds an instruction. With S the sum of T over a window and A the sum of its
 * activations, D = 2 S - A.
 *
 * Tile. Registers hold byte sums of TILE neighbouring pixels of a row x 128 outputs. The table of an input pixel is
 * loaded once for all taps of a kernel row: it serves KERNEL_WIDTH pixels of the tile.
 *
 *    tables   [ -1 ][ 0 ][ 1 ][ 2 ]  ...  [ 8 ]        input row, one group
 *                  \   |   /
 *    sums         [ 0 ][ 1 ][ 2 ]  ...  [ 7 ]          x 2 vectors of 64 outputs
 *
 * Sums. A byte holds the sums of as many look-ups as their activations' sum stays below 256. That sum is followed
 * for each pixel; before it would pass 255 the bytes are widened: all += s (as 16-bit lanes), high += s >> 8; then
 * the odd bytes' sum is high, the even ones' all - (high << 8). Where the activations of a window may sum to more
 * than 65535, these go on to 32 bits in time. So any data gives exact answers, and only the speed depends on it.
 *
 * Eight-bit activations, and the bytes of an input, are two planes of four bits, D = D_low + 16 D_high (PLANES 2).
 *
 *   in       [image][HEIGHT][WIDTH][CHANNELS]                bytes; 64 bytes behind the last one may be read
 *   weights  [OUTPUTS / 128][KERNEL_HEIGHT][GROUPS][KERNEL_WIDTH][128]   a byte a pattern
 *   multiplier, addend  [OUTPUTS / 64][4][LANES]             output 4 i + k of a vector stands at [k][i]
 *   out      [image][OUT_HEIGHT][OUT_WIDTH][OUTPUTS]         OUTPUTS a multiple of 128
 *
 * A work-item makes SPLIT blocks of 128 outputs, of BAND output rows of one image, a strip of STRIP tiles at a time.
 * It takes CHUNK groups at a time: row by row it makes the tables of the next input rows, in a ring of KERNEL_HEIGHT
 * rows, and looks up with them for all its blocks. Ring, patterns and the sums of a row stay in the first cache.
 *
 * A layer with one pixel is given as a 1 x 1 convolution of a row of images (ROW_OF_IMAGES).
 */
#define TILE 8
#define VECTORS 2
#define BLOCK (VECTORS * VECTOR_BYTES)
#define GROUP 6
#define GROUPS ((CHANNELS + GROUP - 1) / GROUP)
/* Groups whose tables are made together; groups between two looks at the sums. */
#define QUAD 4
#define STEP 2
#define STEPS (CHUNK / STEP)
#define TAPS (KERNEL_HEIGHT * KERNEL_WIDTH)
#define TILES ((CONVOLVED_WIDTH + TILE - 1) / TILE)
/* Convolved rows of a band, input rows that they read. */
#define ROWS ((BAND - 1) * POOL_STRIDE + POOL_SIZE)
#define INPUT_ROWS ((ROWS - 1) * STRIDE + KERNEL_HEIGHT)
/* Input pixels of a row that a strip reads, and that the whole row of tiles reads; both begin with the padding. */
#define STRIP_PIXELS (STRIP * TILE)
#define STRIP_INPUTS ((STRIP_PIXELS - 1) * STRIDE + KERNEL_WIDTH)
#define ROW_PIXELS (TILES * TILE)
#define ROW_INPUTS ((ROW_PIXELS - 1) * STRIDE + KERNEL_WIDTH)
/* Sums of 64 outputs that a work-item holds; chunks whose sums fit 16 bits whatever the activations are. */
#define SUMS (ROWS * SPLIT * ROW_PIXELS * VECTORS)
#define MAY_OVERFLOW (TAPS * CHANNELS * 15 > 65535)
#define CHUNKS_IN_16_BITS (65535 / (TAPS * CHUNK * GROUP * 15))
#define UNROLL _Pragma("unroll")

typedef unsigned short Eight __attribute__((vector_size(16)));
typedef ulong TwoLongs __attribute__((vector_size(16)));
#define EIGHTS(x) ((Eight){EIGHT(x)})
typedef char Quad __attribute__((vector_size(32)));
typedef short Sixteen __attribute__((vector_size(32)));
typedef int EightInts __attribute__((vector_size(32)));
#define NO_EIGHT_INTS ((EightInts){EIGHT(0)})

/* Of the input rows in the ring; row y lies in slot y % KERNEL_HEIGHT. */
typedef struct {
  __local Bytes* tables;   /* [slot][CHUNK][STRIP_INPUTS] */
  __local uint* sums;      /* [slot][CHUNK / QUAD][STRIP_INPUTS + TILE] sums of four groups' activations, a byte each */
  __local Eight* windows;  /* [slot][STEPS][STRIP] of a step's groups, over the KERNEL_WIDTH pixels that a pixel reads */
} Ring;

/*
 * sums += T[weights] for two vectors of outputs. Both look-ups before both additions: in this order a Zen 4 core does
 * one of each a cycle, all its vector units busy; in the order that the compiler prefers it takes a quarter longer.
 */
#define LOOK_UP_TWO(sums, weights, table)                                                              \
  {                                                                                                    \
    Bytes first_, second_;                                                                             \
    __asm__("vpermb %6, %4, %2\n\tvpermb %6, %5, %3\n\tvpaddb %2, %0, %0\n\tvpaddb %3, %1, %1"         \
            : "+v"((sums)[0]), "+v"((sums)[1]), "=&v"(first_), "=&v"(second_)                          \
            : "v"((weights)[0]), "v"((weights)[1]), "v"(table));                                       \
  }

static Bytes pick(Bytes index, Bytes table) {
  Bytes picked;
  __asm__("vpermb %2, %1, %0" : "=v"(picked) : "v"(index), "v"(table));
  return picked;
}

/*
 * Four groups of 6 bytes, each to a lane: a0 .. a5, 0, 0, then bytes of which the 8th, 10th and 12th are a0 + a1,
 * a2 + a3 and a4 + a5.
 */
static Bytes spreadGroups(Bytes activations) {
#define SIX(c) c, c + 1, c + 2, c + 3, c + 4, c + 5, c, c
#define TWICE(c) SIX(c), SIX(c)
  const Bytes index = {TWICE(0), TWICE(6), TWICE(12), TWICE(18)};
  const Bytes ones = (Bytes)INTS(0x01010101);
  Bytes spread;
  __asm__("vpermb %2, %1, %0 %{%3%}%{z%}" : "=v"(spread) : "v"(index), "v"(activations), "Yk"(0x3f3f3f3f3f3f3f3ful));
  __asm__("vpmaddubsw %1, %0, %0 %{%2%}" : "+v"(spread) : "v"(ones), "Yk"(0xf0f0f0f0u));
  return spread;
}

/* Byte selectors within 16 bytes, N for a zero; the same in the four lanes. */
#define N (char)0x80
#define LANES_OF(...) ((Bytes){__VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__})
#define FOUR(x) x, x, x, x
#define SIXTEEN(x) FOUR(x), FOUR(x), FOUR(x), FOUR(x)
#define EACH_LANE(a, b, c, d) ((Bytes){SIXTEEN(a), SIXTEEN(b), SIXTEEN(c), SIXTEEN(d)})

/* The tables of four groups that spreadGroups gave. T[m] = low[m & 15] + high[m >> 4], a group's sums in a lane. */
static void makeTables(Bytes a, __local Bytes* tables) {
  const Bytes low = SHUFFLE(a, LANES_OF(N, 0, 1, 8, N, 0, 1, 8, N, 0, 1, 8, N, 0, 1, 8)) +
                    SHUFFLE(a, LANES_OF(FOUR(N), FOUR(2), FOUR(3), FOUR(10)));
  const Bytes high = SHUFFLE(a, LANES_OF(N, 4, 5, 12, N, 4, 5, 12, N, 4, 5, 12, N, 4, 5, 12));
  /* Lanes are repeated on their way from memory, for shuffles are what limits this loop. */
#define STORE_TABLE(g)                                                                                     \
  {                                                                                                        \
    Bytes lows;                                                                                            \
    __asm__("vbroadcasti32x4 16*" #g "+%1, %0" : "=v"(lows) : "m"(low));                                    \
    tables[g * STRIP_INPUTS] = lows + pick(EACH_LANE(16 * g, 16 * g + 1, 16 * g + 2, 16 * g + 3), high);   \
  }
  STORE_TABLE(0)
  STORE_TABLE(1)
  STORE_TABLE(2)
  STORE_TABLE(3)
}

/* Plane `plane` of 64 activations. */
static Bytes loadActivations(__global const uchar* from, int plane) {
  Bytes a;
  __builtin_memcpy(&a, from, sizeof a);
#if PLANES == 2
  a = (Bytes)((Longs)a >> (4 * plane)) & (Bytes)INTS(0x0f0f0f0f);
#endif
  return a;
}

/* Sums of the four groups of a quad, a byte each, of the input pixels that one tap of a tile reads. */
static EightInts tapOf(__local const uint* sums) {
  EightInts tap;
#if STRIDE == 1
  __builtin_memcpy(&tap, sums, sizeof tap);
#else
  UNROLL for (int p = 0; p < TILE; p++) tap[p] = sums[p * STRIDE];
#endif
  return tap;
}

/* The same over the taps of a row, [pixel][step of the quad]. */
static Sixteen windowsOf(__local const uint* sums) {
  Sixteen windows = (Sixteen)NO_EIGHT_INTS;
  UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
    windows += (Sixteen)__builtin_ia32_pmaddubsw256((Quad)tapOf(sums + kx), (Quad)(NO_EIGHT_INTS + 0x01010101));
  return windows;
}

/*
 * Fills a slot with the tables of `groups` groups from `firstGroup` on of the input pixels `first` .. `end` - 1 of
 * the strip; `row` is the strip's first pixel, which may lie outside. A group behind the channels reads what follows;
 * its weights are 0, and sums that are too large do no harm.
 */
static void makeRow(const Ring* to, int slot, __global const uchar* row, int firstGroup, int groups, int first,
                    int end, int plane) {
  for (int g = 0; g < groups; g += QUAD) {
    __local Bytes* tables = to->tables + (slot * CHUNK + g) * STRIP_INPUTS;
    __local uint* sums = to->sums + (slot * (CHUNK / QUAD) + g / QUAD) * (STRIP_INPUTS + TILE);
    __global const uchar* activations = row + (firstGroup + g) * GROUP;
    for (int x = first; x < end; x++) {
      const Bytes a = spreadGroups(loadActivations(activations + (long)x * CHANNELS, plane));
      makeTables(a, tables + x);
      const Bytes lanes = (Bytes)__builtin_ia32_psadbw512(a, (Bytes)INTS(0));
      const Ints four = (Ints)pick((Bytes)INTS(0x30201000), lanes);
      sums[x] = four[0];
    }
    for (int tile = 0; tile < STRIP; tile++) {
      const EightInts windows = (EightInts)windowsOf(sums + tile * TILE * STRIDE);
      __local Eight* to8 = to->windows + (slot * STEPS + g / STEP) * STRIP + tile;
      to8[0] = __builtin_convertvector(windows & 0xffff, Eight);
      to8[STRIP] = __builtin_convertvector(windows >> 16, Eight);
    }
  }
}

/* sums[pixel][vector][all, high] += bytes; clears the bytes. */
static void widen(Bytes bytes[TILE][VECTORS], __local UnsignedShorts* sums) {
  UNROLL for (int p = 0; p < TILE; p++)
    UNROLL for (int v = 0; v < VECTORS; v++) {
      sums[(p * VECTORS + v) * 2] += (UnsignedShorts)bytes[p][v];
      sums[(p * VECTORS + v) * 2 + 1] += (UnsignedShorts)bytes[p][v] >> 8;
      bytes[p][v] = (Bytes)INTS(0);
    }
}

/* The look-ups of one group and the taps `from` .. `to` - 1 of a kernel row, for all pixels of a tile. */
static inline __attribute__((always_inline)) void passGroup(Bytes bytes[TILE][VECTORS], __local const Bytes* tables,
                                                            __global const Bytes* patterns, int from, int to) {
  Bytes weights[KERNEL_WIDTH][VECTORS];
  UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
    UNROLL for (int v = 0; v < VECTORS; v++) weights[kx][v] = patterns[kx * VECTORS + v];
  UNROLL for (int x = 0; x < (TILE - 1) * STRIDE + KERNEL_WIDTH; x++) {
    const Bytes table = tables[x];
    UNROLL for (int kx = from; kx < to; kx++) {
      const int p = (x - kx) / STRIDE;
      if (x >= kx && (x - kx) % STRIDE == 0 && p < TILE) LOOK_UP_TWO(bytes[p], weights[kx], table)
    }
  }
}

static bool passesByte(Eight sums) {
  const TwoLongs over = (TwoLongs)(sums > EIGHTS(255));
  return (over[0] | over[1]) != 0;
}

/*
 * passGroup for activations so large that a byte may not hold the sums of a whole step: tap by tap. `quadSums` are
 * those of the tile's first input pixel.
 */
static void passLargeGroup(Bytes bytes[TILE][VECTORS], __local const Bytes* tables, __global const Bytes* patterns,
                           __local const uint* quadSums, int group, __local UnsignedShorts* sums, Eight* held) {
  UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++) {
    const EightInts tap = tapOf(quadSums + kx) >> (group % QUAD * 8) & 255;
    const Eight eight = __builtin_convertvector(tap, Eight);
    if (passesByte(*held + eight)) {
      widen(bytes, sums);
      *held = EIGHTS(0);
    }
    *held += eight;
    passGroup(bytes, tables, patterns, kx, kx + 1);
  }
}

/* One tile x one block: the look-ups of a chunk's groups, all kernel rows that lie inside the image. */
static void passTile(const Ring* from, __global const Bytes* patterns, int top, int tile, int groups,
                     __local UnsignedShorts* sums) {
  Bytes bytes[TILE][VECTORS];
  UNROLL for (int p = 0; p < TILE; p++) UNROLL for (int v = 0; v < VECTORS; v++) bytes[p][v] = (Bytes)INTS(0);
  Eight held = EIGHTS(0);
  const int kyEnd = min(KERNEL_HEIGHT, HEIGHT - top);
  for (int ky = max(0, -top); ky < kyEnd; ky++) {
    const int slot = (top + ky) % KERNEL_HEIGHT;
    __local const Bytes* tables = from->tables + slot * CHUNK * STRIP_INPUTS + tile * TILE * STRIDE;
    __local const uint* quadSums = from->sums + slot * (CHUNK / QUAD) * (STRIP_INPUTS + TILE) + tile * TILE * STRIDE;
    __local const Eight* windows = from->windows + slot * STEPS * STRIP + tile;
    __global const Bytes* w = patterns + ky * GROUPS * KERNEL_WIDTH * VECTORS;
    for (int first = 0; first < groups; first += STEP, windows += STRIP) {
      const int end = min(first + STEP, groups);
      Eight sum = held + *windows;
      if (__builtin_expect(passesByte(sum), 0)) {
        widen(bytes, sums);
        held = EIGHTS(0);
        sum = *windows;
        if (passesByte(sum)) {
          for (int g = first; g < end; g++)
            passLargeGroup(bytes, tables + g * STRIP_INPUTS, w + g * KERNEL_WIDTH * VECTORS,
                           quadSums + g / QUAD * (STRIP_INPUTS + TILE), g, sums, &held);
          continue;
        }
      }
      held = sum;
      for (int g = first; g < end; g++)
        passGroup(bytes, tables + g * STRIP_INPUTS, w + g * KERNEL_WIDTH * VECTORS, 0, KERNEL_WIDTH);
    }
  }
  widen(bytes, sums);
}

/* Sums of all channels of the input pixels of a row, padding included; returns the largest. */
static int sumPixels(__global const uchar* row, int width, int plane, __local int* sums) {
#define FROM(c) c, c + 1, c + 2, c + 3, c + 4, c + 5, c + 6, c + 7
  const Bytes places = {FROM(0), FROM(8), FROM(16), FROM(24), FROM(32), FROM(40), FROM(48), FROM(56)};
  int largest = 0;
  for (int x = 0; x < width; x++, row += CHANNELS) {
    Longs sum = (Longs)INTS(0);
    for (int c = 0; c < CHANNELS; c += VECTOR_BYTES) {
      Bytes a = loadActivations(row + c, plane);
      if (CHANNELS - c < VECTOR_BYTES) a &= places < (char)(CHANNELS % VECTOR_BYTES);
      sum += (Longs)__builtin_ia32_psadbw512(a, (Bytes)INTS(0));
    }
    const int total = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
    sums[PADDING + x] = total;
    largest = max(largest, total);
  }
  return largest;
}

/* windows[row][x] = A of a convolved pixel of the band. */
static void sumWindows(__local const int* pixelSums, __local int* windows) {
  for (int row = 0; row < ROWS; row++)
    for (int x = 0; x < ROW_PIXELS; x++) {
      int sum = 0;
      UNROLL for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
        UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
          sum += pixelSums[(row * STRIDE + ky) * ROW_INPUTS + x * STRIDE + kx];
      windows[row * ROW_PIXELS + x] = sum;
    }
}

/* S of 64 outputs: quarters[k][i] is that of output 4 i + k. */
static void quartersOf(__local const UnsignedShorts* sums, Ints quarters[4]) {
  const UnsignedShorts high = sums[1], low = sums[0] - (high << 8);
  const UnsignedInts even = (UnsignedInts)low, odd = (UnsignedInts)high, half16 = (UnsignedInts)INTS(0xffff);
  quarters[0] = (Ints)(even & half16);
  quarters[1] = (Ints)(odd & half16);
  quarters[2] = (Ints)(even >> 16);
  quarters[3] = (Ints)(odd >> 16);
}

/* What a work-item has summed, one plane. */
typedef struct {
  __local UnsignedShorts* sums;  /* [SUMS][all, high] */
  __local Ints* wideSums;        /* [SUMS][4], where `wide` is set: what has left `sums` in time */
  __local int* windows;          /* [ROWS][ROW_PIXELS] */
  bool wide;
  int largestWindow;
} Plane;

static void widenAgain(Plane* plane) {
  for (int i = 0; i < SUMS; i++) {
    Ints quarters[4];
    quartersOf(plane->sums + 2 * i, quarters);
    UNROLL for (int k = 0; k < 4; k++)
      plane->wideSums[4 * i + k] = plane->wide ? plane->wideSums[4 * i + k] + quarters[k] : quarters[k];
    plane->sums[2 * i] = plane->sums[2 * i + 1] = (UnsignedShorts)INTS(0);
  }
  plane->wide = true;
}

/* All look-ups of a plane. `in` is the image, `firstRow` the first input row of the band, `rows` its rows. */
static void passPlane(const Ring* ring, __global const uchar* in, __global const Bytes* weights, int firstRow,
                      int rows, int width, int index, Plane* plane) {
  for (int i = 0; i < SUMS * 2; i++) plane->sums[i] = (UnsignedShorts)INTS(0);
  for (int strip = 0; strip < TILES; strip += STRIP) {
    const int tiles = min(STRIP, TILES - strip), origin = strip * TILE * STRIDE - PADDING;
    const int from = max(0, -origin), to = min(STRIP_INPUTS, width - origin);
    /* What no row fills stays zero: the padding beside the image. */
    for (int i = 0; i < KERNEL_HEIGHT * CHUNK * STRIP_INPUTS; i++) ring->tables[i] = (Bytes)INTS(0);
    for (int i = 0; i < KERNEL_HEIGHT * CHUNK / QUAD * (STRIP_INPUTS + TILE); i++) ring->sums[i] = 0;
    for (int chunk = 0; chunk * CHUNK < GROUPS; chunk++) {
      const int groups = min(CHUNK, GROUPS - chunk * CHUNK);
      int made = 0;
      for (int row = 0; row < rows; row++) {
        for (made = max(made, row * STRIDE); made < row * STRIDE + KERNEL_HEIGHT; made++) {
          const int y = firstRow + made;
          if (y >= 0 && y < HEIGHT)
            makeRow(ring, y % KERNEL_HEIGHT, in + ((long)y * WIDTH + origin) * CHANNELS, chunk * CHUNK, groups, from,
                    to, index);
        }
        for (int block = 0; block < SPLIT; block++)
          for (int tile = 0; tile < tiles; tile++)
            passTile(ring,
                     weights + ((long)block * KERNEL_HEIGHT * GROUPS + chunk * CHUNK) * KERNEL_WIDTH * VECTORS,
                     firstRow + row * STRIDE, tile, groups,
                     plane->sums + ((row * SPLIT + block) * TILES + strip + tile) * TILE * VECTORS * 2);
      }
#if MAY_OVERFLOW
      if (plane->largestWindow > 65535 && (chunk + 1) % CHUNKS_IN_16_BITS == 0) widenAgain(plane);
#endif
    }
  }
}

/* D of 64 outputs of a convolved pixel, in 32 bits. */
static void differences(const Plane* planes, int pixel, int at, Ints quarters[4]) {
  UNROLL for (int plane = 0; plane < PLANES; plane++) {
    const int total = planes[plane].windows[pixel];
    Ints s[4];
    quartersOf(planes[plane].sums + 2 * at, s);
    UNROLL for (int k = 0; k < 4; k++) {
      if (MAY_OVERFLOW && planes[plane].wide) s[k] += planes[plane].wideSums[4 * at + k];
      const Ints difference = (s[k] << 1) - INTS(total);
      quarters[k] = plane == 0 ? difference : quarters[k] + (difference << 4);
    }
  }
}

/* The pixel of the convolved layer at a place of a pool's window, and the index of its sums of vector v. */
#define POOLED_ROW(y, place) ((y) * POOL_STRIDE + (place) / POOL_SIZE)
#define POOLED_COLUMN(x, place) ((x) * POOL_STRIDE + (place) % POOL_SIZE)
#define PIXEL(y, x, place) (POOLED_ROW(y, place) * ROW_PIXELS + POOLED_COLUMN(x, place))
#define SUM_AT(y, x, place, block, v) \
  (((POOLED_ROW(y, place) * SPLIT + (block)) * ROW_PIXELS + POOLED_COLUMN(x, place)) * VECTORS + (v))

/* The largest D of a pool's window, in 32 bits. */
static void poolWide(const Plane* planes, int y, int x, int block, int v, Ints largest[4]) {
  UNROLL for (int place = 0; place < POOL_SIZE * POOL_SIZE; place++) {
    Ints d[4];
    differences(planes, PIXEL(y, x, place), SUM_AT(y, x, place, block, v), d);
    UNROLL for (int k = 0; k < 4; k++) largest[k] = place == 0 ? d[k] : largerOf(largest[k], d[k]);
  }
}

/* The same where no window's activations sum to more than 32767: |D| is at most that sum and fits 16 bits. */
static void poolShort(const Plane* plane, int y, int x, int block, int v, Ints largest[4]) {
  Shorts even, odd;
  UNROLL for (int place = 0; place < POOL_SIZE * POOL_SIZE; place++) {
    __local const UnsignedShorts* sums = plane->sums + 2 * SUM_AT(y, x, place, block, v);
    const short window = plane->windows[PIXEL(y, x, place)];
    const UnsignedShorts high = sums[1], low = sums[0] - (high << 8);
    const Shorts e = (Shorts)(low << 1) - SHORTS(window), o = (Shorts)(high << 1) - SHORTS(window);
    even = place == 0 ? e : largerShort(even, e);
    odd = place == 0 ? o : largerShort(odd, o);
  }
  largest[0] = (Ints)even << 16 >> 16;
  largest[1] = (Ints)odd << 16 >> 16;
  largest[2] = (Ints)even >> 16;
  largest[3] = (Ints)odd >> 16;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const Bytes* weights, __global const Ints* multiplier,
    __global const Ints* addend, int shift, __global uchar* out, int inImage, int outImage, int images) {
  __local Bytes tables[KERNEL_HEIGHT * CHUNK * STRIP_INPUTS];
  __local uint ringSums[KERNEL_HEIGHT * CHUNK / QUAD * (STRIP_INPUTS + TILE)];
  __local Eight stepWindows[KERNEL_HEIGHT * STEPS * STRIP];
  __local int pixelSums[INPUT_ROWS * ROW_INPUTS];
  __local int windows[PLANES][ROWS * ROW_PIXELS];
  __local UnsignedShorts sums[PLANES][SUMS * 2];
  __local Ints wideSums[PLANES][MAY_OVERFLOW ? SUMS * 4 : 1];

  const int firstBlock = get_global_id(0) * SPLIT, firstOut = get_global_id(1) * BAND;
#if ROW_OF_IMAGES
  const int firstImage = get_global_id(2) * WIDTH, width = min(WIDTH, images - firstImage), outWidth = width;
#else
  const int firstImage = get_global_id(2), width = WIDTH, outWidth = OUT_WIDTH;
#endif
  in += (long)(inImage + firstImage) * (ROW_OF_IMAGES ? 1 : HEIGHT * WIDTH) * CHANNELS;
  out += (long)(outImage + firstImage) * (ROW_OF_IMAGES ? 1 : OUT_HEIGHT * OUT_WIDTH) * OUTPUTS;
  weights += (long)firstBlock * KERNEL_HEIGHT * GROUPS * KERNEL_WIDTH * VECTORS;

  const Ring ring = {tables, ringSums, stepWindows};
  const int firstConvolved = firstOut * POOL_STRIDE, firstRow = firstConvolved * STRIDE - PADDING;
  const int rows = min(ROWS, CONVOLVED_HEIGHT - firstConvolved);
  Plane planes[PLANES];
  UNROLL for (int plane = 0; plane < PLANES; plane++) {
    int largest = 0;
    for (int i = 0; i < INPUT_ROWS * ROW_INPUTS; i++) pixelSums[i] = 0;
    for (int row = 0; row < INPUT_ROWS; row++)
      if (firstRow + row >= 0 && firstRow + row < HEIGHT)
        largest = max(largest, sumPixels(in + (long)(firstRow + row) * WIDTH * CHANNELS, width, plane,
                                         pixelSums + row * ROW_INPUTS));
    planes[plane] = (Plane){sums[plane], wideSums[plane], windows[plane], false, largest * TAPS};
    sumWindows(pixelSums, windows[plane]);
    passPlane(&ring, in, weights, firstRow, rows, width, plane, &planes[plane]);
  }

  for (int y = 0; y < BAND && firstOut + y < OUT_HEIGHT; y++)
    for (int x = 0; x < outWidth; x++)
      for (int block = 0; block < SPLIT; block++)
        for (int v = 0; v < VECTORS; v++) {
          Ints largest[4];
          if (PLANES == 1 && planes[0].largestWindow <= 32767) poolShort(planes, y, x, block, v, largest);
          else poolWide(planes, y, x, block, v, largest);
          const int parameters = ((firstBlock + block) * VECTORS + v) * 4;
          Ints bytes = INTS(0);
          UNROLL for (int k = 0; k < 4; k++)
            bytes |= requantized(largest[k], multiplier[parameters + k], addend[parameters + k], shift) << (8 * k);
          const long pixel = (long)(firstOut + y) * OUT_WIDTH + x;
          *(__global Ints*)(out + pixel * OUTPUTS + (firstBlock + block) * BLOCK + v * VECTOR_BYTES) = bytes;
        }
}
