/*
 * One layer by table look-up: 4-bit activations x one-bit weights (behind vectors.cl).
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 * The maths. Four activations a0 .. a3 of 4 bits are a group; m holds four weights, bit j set where weight j is
 * +1. T[m], the sum of the a_j whose bit is set, is 0 .. 60: a table of 16 bytes. One byte shuffle looks up the
 * pattern m of as many outputs as the vector has bytes. With S the sum of T over a window and A the sum of its
 * activations, D = 2 S - A.
 *
 * Lists. ReLU leaves many zeros, and a group of four zeros has an empty table. So each input pixel gets a list of
 * the groups that are not all zero: their tables and their places; one for each chunk of CHUNK channels. A list is
 * cut into stretches whose activations sum to at most 255, so that sums of its tables fit a byte. That is looked at
 * while the list is made: right for any data, and only the speed depends on it. The stretches of a row are passed
 * in the order of their lengths: a processor guesses the end of a loop well where it is that of the loop before,
 * and a wrong guess costs as much as two entries.
 *
 * Tile. Registers hold byte sums of the KERNEL_WIDTH pixels that an input pixel adds to x VECTORS vectors of
 * outputs. A table goes to a register once for all of them:
 *
 *    lists       ... [ x - 1 ] [ x ] [ x + 1 ] ...          one input row, one chunk
 *                           /    |    \
 *    sums        ... [ x - 1 ] [ x ] [ x + 1 ] ...          x VECTORS vectors, one kernel row
 *
 * Sums. Byte sums s of a stretch widen to 16 bits by all += s (as 16-bit lanes), high += s >> 8; then the odd
 * bytes' sum is high, the even ones' all - (high << 8), modulo 2^16. A window's S is at most its A. Where an A is
 * above 65535, all sums move to 32 bits behind each kernel row, so that any data gives exact answers.
 *
 * Eight-bit activations are two planes of four bits, D = D_low + 16 D_high (PLANES 2).
 *
 *   in       [image][HEIGHT][WIDTH][CHANNELS]                bytes; CHANNELS a multiple of 8
 *   weights  [OUTPUTS / BLOCK][CHUNKS][KERNEL_HEIGHT][groups of the chunk][KERNEL_WIDTH][BLOCK]   a byte a pattern
 *   multiplier, addend  [OUTPUTS / VECTOR_BYTES][4][LANES]   output 4 i + k of a vector stands at [k][i]
 *   out      [image][OUT_HEIGHT][OUT_WIDTH][OUTPUTS]         OUTPUTS a multiple of BLOCK
 *
 * A work-item makes SPLIT blocks of BLOCK = VECTORS * VECTOR_BYTES outputs, of BAND output rows of one image. It
 * makes the lists of the input pixels that they need; then, block by block and STRIP output rows at a time, passes
 * each chunk and kernel row over all pixels, so that their patterns and the sums stay in the first cache.
 *
 * A layer with one pixel is given as a 1 x 1 convolution of a row of images (ROW_OF_IMAGES).
 */
#define BLOCK (VECTORS * VECTOR_BYTES)
#define GROUPS (CHANNELS / 4)
#define CHUNKS ((CHANNELS + CHUNK - 1) / CHUNK)
#define TAPS (KERNEL_HEIGHT * KERNEL_WIDTH)
/* Convolved rows of a strip and of a band, input rows that a band reads. */
#define ROWS ((STRIP - 1) * POOL_STRIDE + POOL_SIZE)
#define BAND_ROWS ((BAND - 1) * POOL_STRIDE + POOL_SIZE)
#define INPUT_ROWS ((BAND_ROWS - 1) * STRIDE + KERNEL_HEIGHT)
#define INPUT_PIXELS (INPUT_ROWS * WIDTH)
/* Sums of a row: with STRIDE 1, those of pixels beside the image too, so that no tap is left out. */
#define MARGIN (STRIDE == 1 ? KERNEL_WIDTH - 1 - PADDING : 0)
#define ROW_PIXELS (STRIDE == 1 ? WIDTH + KERNEL_WIDTH - 1 : CONVOLVED_WIDTH)
#define SUMS_A_PIXEL (VECTORS * 2)
#define ROW_SUMS (ROW_PIXELS * SUMS_A_PIXEL)
/* A stretch of four full groups fits a byte. */
#define CHUNK_GROUPS (CHUNK / 4)
#define STRETCHES (CHUNK_GROUPS / 4 + 1)
#define NEVER_OVERFLOWS (TAPS * CHANNELS * 15 <= 65535)
#define UNROLL _Pragma("unroll")

typedef struct {
  int first, end; /* entries */
  int sums;       /* of its pixel, in those of a row */
} Stretch;

typedef struct {
  __local Table* tables;       /* of all lists, one after another */
  __local uint* places;        /* of each table: its group's patterns in those of the chunk, in bytes */
  __local Stretch* stretches;  /* of a row and a chunk, the short ones first */
  __local int* rows;           /* [CHUNKS][INPUT_ROWS], and one behind them: the first stretch of each */
  __local int* pixelSums;      /* [INPUT_ROWS][PADDING + WIDTH + PADDING] */
  __local int* windows;        /* [BAND_ROWS][CONVOLVED_WIDTH]: A */
} Lists;

/* Byte selectors that spread activation j of a group over the patterns with bit j; two groups in 32 bytes. */
#define N (char)0x80
#define SPREAD_0(g) N, g, N, g, N, g, N, g, N, g, N, g, N, g, N, g
#define SPREAD_1(g) N, N, g, g, N, N, g, g, N, N, g, g, N, N, g, g
#define SPREAD_2(g) N, N, N, N, g, g, g, g, N, N, N, N, g, g, g, g
#define SPREAD_3(g) N, N, N, N, N, N, N, N, g, g, g, g, g, g, g, g
typedef char Pair __attribute__((vector_size(32)));
typedef long FourLongs __attribute__((vector_size(32)));

static Pair tablesOf(long activations) {
  const Pair a = (Pair)(FourLongs){activations, activations, activations, activations};
  return (__builtin_ia32_pshufb256(a, (Pair){SPREAD_0(0), SPREAD_0(4)}) +
          __builtin_ia32_pshufb256(a, (Pair){SPREAD_1(1), SPREAD_1(5)})) +
         (__builtin_ia32_pshufb256(a, (Pair){SPREAD_2(2), SPREAD_2(6)}) +
          __builtin_ia32_pshufb256(a, (Pair){SPREAD_3(3), SPREAD_3(7)}));
}

static int sumOfBytes(uint quad) { return (quad * 0x01010101u) >> 24; }

/* Appends the list of one chunk of a pixel, and its stretches; returns the sum of its activations. */
static int appendList(const Lists* to, int* entry, Stretch* stretches, int* count, __global const uchar* chunk,
                      int groups, int plane, int pixel) {
  __global const ulong* eights = (__global const ulong*)chunk;
  int at = *entry, first = at, sum = 0, total = 0;
  for (int g = 0; g < groups; g += 2) {
#if PLANES == 2
    const ulong eight = eights[g / 2] >> (4 * plane) & 0x0f0f0f0f0f0f0f0ful;
#else
    const ulong eight = eights[g / 2];
#endif
    const uint low = (uint)eight, high = (uint)(eight >> 32);
    const int both = sumOfBytes(low + high);
    if (sum + both > 255) {
      stretches[(*count)++] = (Stretch){first, at, pixel};
      first = at;
      total += sum;
      sum = 0;
    }
    sum += both;
    const Pair pair = tablesOf((long)eight);
    to->tables[at] = __builtin_shufflevector(pair, pair, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    to->places[at] = g * KERNEL_WIDTH * BLOCK;
    at += low != 0;
    to->tables[at] =
        __builtin_shufflevector(pair, pair, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    to->places[at] = (g + 1) * KERNEL_WIDTH * BLOCK;
    at += high != 0;
  }
  stretches[*count] = (Stretch){first, at, pixel};
  *count += at > first;
  *entry = at;
  return total + sum;
}

/* By length, into local memory. */
static void sortStretches(const Stretch* stretches, int count, __local Stretch* sorted) {
  int places[CHUNK_GROUPS + 2] = {0};
  for (int i = 0; i < count; i++) places[stretches[i].end - stretches[i].first + 1]++;
  for (int length = 1; length <= CHUNK_GROUPS; length++) places[length + 1] += places[length];
  for (int i = 0; i < count; i++) sorted[places[stretches[i].end - stretches[i].first]++] = stretches[i];
}

/* `width` of WIDTH pixels of a row are there. Returns the largest A. */
static int makeLists(const Lists* to, __global const uchar* in, int width, int firstRow, int plane) {
  int entry = 0, stretch = 0, listRow = 0;
  for (int i = 0; i < INPUT_ROWS * (WIDTH + 2 * PADDING); i++) to->pixelSums[i] = 0;
  for (int chunk = 0; chunk < CHUNKS; chunk++)
    for (int row = 0; row < INPUT_ROWS; row++, listRow++) {
      const int y = firstRow + row;
      to->rows[listRow] = stretch;
      if (y < 0 || y >= HEIGHT) continue;
      Stretch unsorted[WIDTH * STRETCHES + 1];
      int count = 0;
      for (int x = 0; x < width; x++)
        to->pixelSums[row * (WIDTH + 2 * PADDING) + PADDING + x] +=
            appendList(to, &entry, unsorted, &count, in + ((long)y * WIDTH + x) * CHANNELS + chunk * CHUNK,
                       min(CHUNK_GROUPS, GROUPS - chunk * CHUNK_GROUPS), plane, x * SUMS_A_PIXEL);
      sortStretches(unsorted, count, to->stretches + stretch);
      stretch += count;
    }
  to->rows[listRow] = stretch;
  int largest = 0;
  for (int row = 0; row < BAND_ROWS; row++)
    for (int x = 0; x < CONVOLVED_WIDTH; x++) {
      int sum = 0;
      UNROLL for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
        UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
          sum += to->pixelSums[(row * STRIDE + ky) * (WIDTH + 2 * PADDING) + x * STRIDE + kx];
      to->windows[row * CONVOLVED_WIDTH + x] = sum;
      largest = max(largest, sum);
    }
  return largest;
}

/* The patterns of a chunk and a kernel row, in those of a block. */
static __global const char* patternsOf(__global const char* patterns, int chunk, int ky) {
  const int groups = min(CHUNK_GROUPS, GROUPS - chunk * CHUNK_GROUPS);
  return patterns + ((long)chunk * CHUNK_GROUPS * KERNEL_HEIGHT + ky * groups) * KERNEL_WIDTH * BLOCK;
}

/* sums[pixel][vector][all, high] += the look-ups of one chunk and kernel row, all pixels of an input row. */
static void passRow(const Lists* from, __global const char* patterns, int listRow, __local UnsignedShorts* sums) {
  const int last = from->rows[listRow + 1];
  for (int i = from->rows[listRow]; i < last; i++) {
    const Stretch stretch = from->stretches[i];
    int entry = stretch.first;
    Bytes bytes[KERNEL_WIDTH][VECTORS];
    UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
      UNROLL for (int v = 0; v < VECTORS; v++) bytes[kx][v] = (Bytes)INTS(0);
    do {
      const Bytes table = BROADCAST(from->tables[entry]);
      __global const Bytes* pattern = (__global const Bytes*)(patterns + from->places[entry]);
      UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++)
        UNROLL for (int v = 0; v < VECTORS; v++) bytes[kx][v] += SHUFFLE(table, pattern[kx * VECTORS + v]);
    } while (++entry < stretch.end);
    UNROLL for (int kx = 0; kx < KERNEL_WIDTH; kx++) {
#if STRIDE == 1
      __local UnsignedShorts* to = sums + stretch.sums + (KERNEL_WIDTH - 1 - kx) * SUMS_A_PIXEL;
#else
      const int place = stretch.sums / SUMS_A_PIXEL + PADDING - kx;
      if (place < 0 || place % STRIDE != 0 || place / STRIDE >= CONVOLVED_WIDTH) continue;
      __local UnsignedShorts* to = sums + place / STRIDE * SUMS_A_PIXEL;
#endif
      UNROLL for (int v = 0; v < VECTORS; v++) {
        to[2 * v] += (UnsignedShorts)bytes[kx][v];
        to[2 * v + 1] += (UnsignedShorts)bytes[kx][v] >> 8;
      }
    }
  }
}

/* Sums of a vector of outputs in 32 bits: quarters[k][i] is that of output 4 i + k. */
static void widen(__local const UnsignedShorts* sums, UnsignedInts quarters[4]) {
  const UnsignedShorts high = sums[1], low = sums[0] - (high << 8);
  const UnsignedInts even = (UnsignedInts)low, odd = (UnsignedInts)high, half16 = (UnsignedInts)INTS(0xffff);
  quarters[0] = even & half16;
  quarters[1] = odd & half16;
  quarters[2] = even >> 16;
  quarters[3] = odd >> 16;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const char* weights, __global const Ints* multiplier,
    __global const Ints* addend, int shift, __global uchar* out, int inImage, int outImage, int images) {
  __local Table tables[PLANES][INPUT_PIXELS * GROUPS + 2];
  __local uint places[PLANES][INPUT_PIXELS * GROUPS + 2];
  __local Stretch stretches[PLANES][INPUT_PIXELS * CHUNKS * STRETCHES];
  __local int rows[PLANES][CHUNKS * INPUT_ROWS + 1];
  __local int pixelSums[INPUT_ROWS * (WIDTH + 2 * PADDING)];
  __local int windows[PLANES][BAND_ROWS * CONVOLVED_WIDTH];
  __local UnsignedShorts sums[PLANES][ROWS * ROW_SUMS];
#if !NEVER_OVERFLOWS
  __local UnsignedInts totals[PLANES][ROWS * ROW_SUMS / 2][4];
#endif

  const int firstBlock = get_global_id(0) * SPLIT, firstRow = get_global_id(1) * BAND;
#if ROW_OF_IMAGES
  const int firstImage = get_global_id(2) * WIDTH, width = min(WIDTH, images - firstImage), outWidth = width;
#else
  const int firstImage = get_global_id(2), width = WIDTH, outWidth = OUT_WIDTH;
#endif
  in += (long)(inImage + firstImage) * (ROW_OF_IMAGES ? 1 : HEIGHT * WIDTH) * CHANNELS;
  out += (long)(outImage + firstImage) * (ROW_OF_IMAGES ? 1 : OUT_HEIGHT * OUT_WIDTH) * OUTPUTS;

  Lists planes[PLANES];
  bool overflows[PLANES];
  UNROLL for (int plane = 0; plane < PLANES; plane++) {
    planes[plane] = (Lists){tables[plane], places[plane], stretches[plane], rows[plane], pixelSums, windows[plane]};
    overflows[plane] = makeLists(&planes[plane], in, width, firstRow * POOL_STRIDE * STRIDE - PADDING, plane) > 65535;
  }

  for (int block = firstBlock; block < firstBlock + SPLIT; block++)
    for (int strip = 0; strip < BAND && firstRow + strip < OUT_HEIGHT; strip += STRIP) {
      __global const char* patterns = weights + (long)block * TAPS * GROUPS * BLOCK;
      const int top = strip * POOL_STRIDE;
      UNROLL for (int plane = 0; plane < PLANES; plane++) {
        for (int i = 0; i < ROWS * ROW_SUMS; i++) sums[plane][i] = (UnsignedShorts)INTS(0);
#if !NEVER_OVERFLOWS
        for (int i = 0; i < ROWS * ROW_SUMS / 2; i++)
          UNROLL for (int k = 0; k < 4; k++) totals[plane][i][k] = (UnsignedInts)INTS(0);
#endif
        for (int chunk = 0; chunk < CHUNKS; chunk++)
          for (int ky = 0; ky < KERNEL_HEIGHT; ky++) {
            for (int row = 0; row < ROWS; row++)
              passRow(&planes[plane], patternsOf(patterns, chunk, ky),
                      chunk * INPUT_ROWS + (top + row) * STRIDE + ky, sums[plane] + row * ROW_SUMS);
#if !NEVER_OVERFLOWS
            if (overflows[plane])
              for (int i = 0; i < ROWS * ROW_SUMS / 2; i++) {
                UnsignedInts quarters[4];
                widen(sums[plane] + 2 * i, quarters);
                UNROLL for (int k = 0; k < 4; k++) totals[plane][i][k] += quarters[k];
                sums[plane][2 * i] = sums[plane][2 * i + 1] = (UnsignedShorts)INTS(0);
              }
#endif
          }
      }

      for (int y = 0; y < STRIP && firstRow + strip + y < OUT_HEIGHT; y++)
        for (int x = 0; x < outWidth; x++)
          for (int v = 0; v < VECTORS; v++) {
            Ints largest[4];
            UNROLL for (int place = 0; place < POOL_SIZE * POOL_SIZE; place++) {
              const int row = y * POOL_STRIDE + place / POOL_SIZE, column = x * POOL_STRIDE + place % POOL_SIZE;
              const int at = row * ROW_SUMS / 2 + (MARGIN + column) * VECTORS + v;
              Ints d[4] = {INTS(0), INTS(0), INTS(0), INTS(0)};
              UNROLL for (int plane = 0; plane < PLANES; plane++) {
                const int activations = windows[plane][(top + row) * CONVOLVED_WIDTH + column];
                UnsignedInts quarters[4];
                widen(sums[plane] + 2 * at, quarters);
                UNROLL for (int k = 0; k < 4; k++) {
#if !NEVER_OVERFLOWS
                  quarters[k] += totals[plane][at][k];
#endif
                  d[k] += ((Ints)(quarters[k] << 1) - INTS(activations)) << (4 * plane);
                }
              }
              UNROLL for (int k = 0; k < 4; k++) largest[k] = place == 0 ? d[k] : largerOf(largest[k], d[k]);
            }
            const int parameters = (block * VECTORS + v) * 4;
            Ints bytes = INTS(0);
            UNROLL for (int k = 0; k < 4; k++)
              bytes |= requantized(largest[k], multiplier[parameters + k], addend[parameters + k], shift) << (8 * k);
            const long outPixel = (long)(firstRow + strip + y) * OUT_WIDTH + x;
            *(__global Ints*)(out + outPixel * OUTPUTS + block * BLOCK + v * VECTOR_BYTES) = bytes;
          }
    }
}
